from typing import Any

# A module of Rust without types.
stream: Any
