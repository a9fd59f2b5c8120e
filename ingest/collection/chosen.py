"""Which tracks a form of the tracks page chose: those that are ticked, all that match, or all of these that miss
something. It stands in the address, so that the next page can ask about it and say how many they are."""

from dataclasses import dataclass

import numpy as np
from django.http import QueryDict
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ingest.collection import address
from ingest.collection.filters import ordered, passing
from ingest.collection.rows import Collection

TICKED, PAGE, ALL, MISSING = "ticked", "page", "all", "missing-"
_MOST_IDS = 200  # of a page


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows in the order of the page, and the words that choose them again."""

    rows: NDArray[np.intp]
    words: list[tuple[str, str]]
    asked: address.Asked

    def tracks(self, collection: Collection) -> list[int]:
        """The track that stands for each row."""
        return [int(pk) for pk in collection.track[self.rows]]


@dataclass(frozen=True, slots=True)
class Scope:
    """One way to choose, in words, with how many it is; None: as many as are ticked."""

    value: str
    words: str
    count: int | None


def of(told: QueryDict, collection: Collection) -> Chosen:
    """Of an address or a form; an unknown scope chooses nothing."""
    asked = address.asked(told)
    scope = told.get("scope", TICKED)
    words = [("scope", scope), *asked.words]
    order = ordered(collection, asked.by)
    if scope in (TICKED, PAGE):
        ids = told.getlist("track") if scope == TICKED else told.get("shown", "").split(",")
        numbers = [int(text) for text in ids[:_MOST_IDS] if text.isascii() and text.isdecimal() and len(text) <= 9]
        mask = np.zeros(collection.size + 1, dtype=bool)
        mask[[collection.row_of(number) for number in numbers]] = True
        rows = order[mask[:-1][order]]
        words = [("scope", TICKED), *asked.words, *(("track", str(collection.track[row])) for row in rows)]
        return Chosen(rows, words, asked)
    mask = np.zeros(collection.size, dtype=bool)
    kind = scope.removeprefix(MISSING)
    if scope == ALL:
        mask = passing(collection, asked.filters)
    elif scope.startswith(MISSING) and kind in address.MISSING:
        mask = passing(collection, asked.filters) & ~collection.knows(kind)
    return Chosen(order[mask[order]], words, asked)


def scopes(missing: dict[str, int], shown: int, matches: int) -> list[Scope]:
    """The ways to choose from a page of `shown` tracks out of `matches`; `missing` counts by kind."""
    kinds = address.kind_words()
    told = [Scope(TICKED, _("The ticked ones"), None), Scope(PAGE, _("All on this page"), shown)]
    told.append(Scope(ALL, _("All that match"), matches))
    for kind, count in missing.items():
        if count:
            told.append(Scope(f"{MISSING}{kind}", _("All that miss: %(kind)s") % {"kind": kinds[kind]}, count))
    return told
