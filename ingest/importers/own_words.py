"""A person's own words on tracks as an export of ours holds them: labels, ratings, corrections. Pure."""

from typing import Any

import msgspec
from django.utils.translation import gettext as _

from ingest import own
from ingest.importers.archive import WHOLE_BYTES, Unreadable
from ingest.importers.choices import Moment, Thing
from ingest.importers.rows import Stream

NAME = "own-words.json"
_MOST_BYTES = 2 * WHOLE_BYTES  # some hundred thousand words


class Word(Thing, frozen=True, kw_only=True):
    field: str
    value: Any  # as `ingest.own` has it
    said_at: Moment


def read(stream: Stream) -> list[Word]:
    """Those that can be kept. Raises Unreadable if these are no words of ours."""
    raw = stream.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise Unreadable(_("Not read: these labels are too many to be of an export of ours."))
    try:
        told = msgspec.json.decode(raw, type=list[Word])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Unreadable(_("Not read: these are no labels of an export of ours.")) from None
    return [word for word in told if word.is_named and own.is_value(word.field, word.value)]
