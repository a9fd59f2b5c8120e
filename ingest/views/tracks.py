"""All tracks of a person: what they heard or keep, and what is known of each."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from ingest.collection import address, chosen, filters, page, rows
from ingest.collection.filters import LIKED
from ingest.views.track_facts import act_made, number


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a field of the form."""

    value: str
    words: str
    chosen: bool
    count: int | None = None


@login_required
@require_safe
def track_list(request: PersonRequest) -> HttpResponse:
    """The person's tracks by the filters of `ingest/collection/address.py`, in pages by `after=` and `before=`."""
    asked = address.asked(request.GET)
    collection = rows.of(request.user)
    mask = filters.passing(collection, asked.filters)
    spots = {side: number(request.GET.get(side, "")) for side in ("after", "before")}
    found = filters.page(collection, mask, by=asked.by, **spots)
    missing = {kind: int((mask & ~collection.knows(kind)).sum()) for kind in address.MISSING}
    words = address.kind_words()
    context = {
        "asked": asked,
        "chips": address.chips(asked, collection),
        "choices": _choices(asked, collection),
        "missing": [Choice(kind, words[kind], kind in asked.filters.missing, missing[kind]) for kind in missing],
        "scopes": chosen.scopes(missing, len(found.rows), found.matches),
        "page": found,
        "rows": page.shown(collection, found.rows),
        "shown": ",".join(str(collection.track[row]) for row in found.rows),
        "all": collection.size,
        "newer": asked.given(before=found.newer) if found.newer else "",
        "older": asked.given(after=found.older) if found.older else "",
        "act": act_made(request.user, request.GET),
        "here": request.get_full_path(),
    }
    return render(request, "ingest/tracks.html", context)


def _choices(asked: address.Asked, collection: rows.Collection) -> dict[str, list[Choice]]:
    """Options of sources, lists and orders."""
    chosen = asked.filters
    lists = sorted(
        (
            (pk, str(each))
            for pk, each in collection.lists.items()
            if each.kind != LIKED and pk in collection.kept.spans
        ),
        key=lambda pair: (pair[1].casefold(), pair[0]),
    )
    return {
        "sources": [Choice(key, words, key == chosen.source) for key, words in address.source_words().items()],
        "lists": [Choice(str(pk), name, pk == chosen.list) for pk, name in lists],
        "orders": [Choice(key, words, key == asked.by) for key, words in address.order_words().items()],
    }
