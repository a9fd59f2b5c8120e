"""Model fields of our own, for every app."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970 UTC; `moment` must be aware."""
    return (moment - _EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


class MomentField(models.Field):
    """An aware UTC datetime, stored as whole milliseconds since 1970.

    The same integers on both databases and in the columns: bulk loads format nothing, numpy parses nothing, and a
    million plays take two thirds of the space of text timestamps (`docs/decisions/0003-moments-as-integers.md`).
    """

    # For django-stubs: what may be assigned, and what is read.
    _pyi_private_set_type: datetime
    _pyi_private_get_type: datetime
    _pyi_lookup_exact_type: datetime

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def from_db_value(self, value: int | None, *_: Any) -> datetime | None:
        return None if value is None else from_ms(value)

    def to_python(self, value: Any) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        if isinstance(value, int):
            return from_ms(value)
        parsed = parse_datetime(str(value))
        if parsed is None or parsed.tzinfo is None:
            raise ValidationError("%(value)s is not a moment with a time zone.", params={"value": value})
        return parsed

    def get_prep_value(self, value: Any) -> int | None:
        return to_ms(value) if isinstance(value, datetime) else value

    def value_to_string(self, obj: models.Model) -> str:
        value: Any = self.value_from_object(obj)
        return "" if value is None else value.isoformat()

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return super().formfield(**{"form_class": forms.DateTimeField, **kwargs})
