"""The torch plugin: full image experiments. It needs the extra `drc[torch]`, and nothing here is imported without it."""
