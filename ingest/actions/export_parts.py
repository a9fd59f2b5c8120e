"""What other apps add to an export: a JSON file each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the zip; `told` gives what is written, with dates and moments as they are."""

    name: str
    words: Promise  # for the note that says what is what
    told: Callable[[User], Any]


_parts: dict[str, Part] = {}


def add(part: Part) -> None:
    """Register one, from an `AppConfig.ready`."""
    _parts[part.name] = part


def all_parts() -> list[Part]:
    return list(_parts.values())
