"""How much is known of a person's music, field by field, and what each source could not find."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from ingest import knowledge, own, unmatched
from ingest.collection import rows
from ingest.providers import registry
from ingest.providers.base import Provider

SHOWN = 200  # titles that the page lists; the file has all
_KEPT_S = 120  # counting findings of a hundred thousand tracks takes a while


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
    ids = collection.track.tolist()
    key = f"tracks-known:{request.user.pk}:{len(ids)}"
    counts = cache.get(key)
    if counts is None:
        counts = unmatched.counts(ids)
        cache.set(key, counts, _KEPT_S)
    chosen = registry.BY_NAME.get(request.GET.get("source", ""))
    context = {
        "fields": [(own.words(row.field), row) for row in knowledge.coverage(collection.reading)],
        "told": [Told(registry.BY_NAME[name], counts[name]) for name in registry.BY_NAME if name in counts],
        "chosen": chosen,
        "artists": unmatched.by_artist(chosen.name, ids, SHOWN) if chosen else [],
        "most": SHOWN,
        "all": collection.size,
    }
    return render(request, "ingest/tracks_known.html", context)


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
