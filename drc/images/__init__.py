"""The torch plugin: full image experiments. It needs the extra `torch`, and nothing here is imported without it."""
