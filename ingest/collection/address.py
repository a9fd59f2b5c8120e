"""The filters of the tracks page in an address, both ways, and in words.

/tracks/?q=words&source=liked&list=7&missing=moods&missing=words&by=title
"""

from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ingest import names
from ingest.collection.filters import HEARD, LIKED, ORDERS, PLAYLIST, Filters
from ingest.collection.rows import KINDS, MEASURED, Collection
from ingest.log_address import MOST_TEXT, Chip
from ingest.own import YEAR

MISSING = (*KINDS, MEASURED, YEAR)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of the page, and the words that ask for it again."""

    filters: Filters
    by: str  # one of ORDERS
    words: list[tuple[str, str]] = field(default_factory=list)

    def without(self, key: str, value: str = "") -> str:
        """The address of the same without a word, from the first track on."""
        return f"?{urlencode([each for each in self.words if each[0] != key or (value and each[1] != value)])}"

    def given(self, **words: str | int) -> str:
        """The address of the same with other words."""
        return f"?{urlencode([*(each for each in self.words if each[0] not in words), *words.items()])}"


def asked(get: QueryDict) -> Asked:
    """What is no filter is passed over."""
    text = names.clean(get.get("q", ""))[:MOST_TEXT].strip()
    source = get.get("source", "")
    source = source if source in (HEARD, LIKED, PLAYLIST) else ""
    told = get.get("list", "")
    chosen = int(told) if told.isascii() and told.isdecimal() and len(told) <= 9 else 0
    missing = [kind for kind in MISSING if kind in get.getlist("missing")]
    by = get.get("by", "")
    by = by if by in ORDERS else ORDERS[0]
    words = [("q", text), ("source", source), ("list", str(chosen or ""))]
    words += [("missing", kind) for kind in missing]
    words += [("by", by)] if by != ORDERS[0] else []
    filters = Filters(text, source, chosen, frozenset(missing))
    return Asked(filters, by, [(key, value) for key, value in words if value])


def chips(found: Asked, collection: Collection) -> list[Chip]:
    """The filters in words, each with its way out. Only the person's own lists are named."""
    filters = found.filters
    rows = []
    if filters.text:
        rows.append(Chip(_("Words"), _("“%(text)s”") % {"text": filters.text}, found.without("q")))
    if filters.source:
        rows.append(
            Chip(pgettext("source of a track", "From"), source_words()[filters.source], found.without("source"))
        )
    if filters.list:
        theirs = collection.lists.get(filters.list)
        rows.append(Chip(_("In"), str(theirs) if theirs else _("No list of yours"), found.without("list")))
    missing = [kind for kind in MISSING if kind in filters.missing]
    return rows + [Chip(_("Without"), kind_words()[kind], found.without("missing", kind)) for kind in missing]


def source_words() -> dict[str, str]:
    return {HEARD: _("What you heard"), LIKED: _("Liked tracks"), PLAYLIST: _("Playlists")}


def order_words() -> dict[str, str]:
    return {"plays": _("Most played"), "new": _("Newest here"), "title": _("Title"), "artist": _("Artist")}


def kind_words() -> dict[str, str]:
    """Kinds of knowledge, as they are called."""
    return {
        "sound": _("Sound"),
        "genres": _("Genres"),
        "moods": _("Moods"),
        "listeners": _("Listeners"),
        "words": _("Words sung"),
        "own": _("Your labels"),
        MEASURED: _("Measured sound"),
        YEAR: _("Year"),
    }
