"""Networks trained with numpy alone."""
