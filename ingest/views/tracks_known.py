"""How much is known of a person's music, field by field, and what each source could not find."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from ingest import afterwards, knowledge, own, unmatched
from ingest.collection import rows
from ingest.providers import registry
from ingest.providers.base import Provider

SHOWN = 200  # titles that the page lists; the file has all
_FRESH_S = 120  # looking through the findings of a hundred thousand tracks takes a while


@dataclass(frozen=True, slots=True)
class Told:
    """What one source was asked about this person's tracks."""

    provider: Provider
    asked: unmatched.Asked

    @property
    def known(self) -> int:
        return self.asked.asked - self.asked.missing


@login_required
@require_safe
def known(request: PersonRequest) -> HttpResponse:
    """/tracks/known/?source=lastfm lists what that source does not know, by artist."""
    collection = rows.of(request.user)
    chosen = registry.BY_NAME.get(request.GET.get("source", ""))
    counts, is_fresh = _told(collection, "counts", unmatched.counts)
    artists: list[tuple[str, list[str]]] | None = []
    is_listed = True
    if chosen:
        find = partial(unmatched.by_artist, chosen.name, most=SHOWN)
        artists, is_listed = _told(collection, chosen.name, find)
    context = {
        "fields": [(own.words(row.field), row) for row in knowledge.coverage(collection.reading)],
        "counts": counts,
        "told": [Told(registry.BY_NAME[name], counts[name]) for name in registry.BY_NAME if name in (counts or {})],
        "chosen": chosen,
        "artists": artists,
        "is_fresh": is_fresh and is_listed,
        "most": SHOWN,
        "all": collection.size,
    }
    return render(request, "ingest/tracks_known.html", context)


def _told(collection: rows.Collection, name: str, find: Callable[[list[int]], Any]) -> tuple[Any, bool]:
    """What `find` tells of the person's tracks, as it was two minutes ago at most; else the last word, or None."""
    key = f"tracks-known:{collection.user.pk}:{name}"
    return afterwards.told(key, lambda: find(collection.track.tolist()), fresh_s=_FRESH_S)


@login_required
@require_safe
def unmatched_file(request: PersonRequest, provider: str) -> StreamingHttpResponse:
    """The person's tracks that a source does not know, by artist, as CSV."""
    if provider not in registry.BY_NAME:
        raise Http404
    ids = rows.of(request.user).track.tolist()
    headers = {"Content-Disposition": f'attachment; filename="not-found-{provider}.csv"', "Cache-Control": "no-store"}
    told = unmatched.as_csv(provider, ids)
    return StreamingHttpResponse(told, content_type="text/csv; charset=utf-8", headers=headers)
