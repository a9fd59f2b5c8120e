"""What no database takes in a text: NUL, and halves of characters. Every text of a person's is asked here first."""

import re

_NEVER = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether every database takes it."""
    return _NEVER.search(text) is None
