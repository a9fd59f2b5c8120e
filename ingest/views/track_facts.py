"""One track that a person heard or keeps: what is known of it, value by value, and their own word on it."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from accounts.models import Job, User
from ingest import own, track_facts
from ingest.collection import page, rows
from ingest.models import FactAct, Track


@dataclass(slots=True)
class LabelForm:
    """What a person says of tracks, as it was typed, and what is wrong with it."""

    field: str = "labels"
    key: str = ""
    value: str = ""
    problem: str = ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        return [(name, own.words(name)) for name in own.KNOWN]


@login_required
@require_safe
def facts(request: PersonRequest, pk: int) -> HttpResponse:
    """What is known of one track that the person heard or keeps, value by value."""
    collection = rows.of(request.user)
    row = collection.row_of(pk)
    if row < 0:
        raise Http404
    track = Track.objects.select_related("artist", "album").get(pk=pk)
    shown = page.shown(collection, [row])
    context = facts_context(request, track) | {"row": shown[0] if shown else None, "is_heard": collection.is_heard[row]}
    return render(request, "ingest/track_facts.html", context)


def facts_context(request: PersonRequest, track: Track) -> dict[str, Any]:
    """What `ingest/_track_facts.html` needs, on whichever page it stands."""
    return {
        "track": track,
        "known": track_facts.of(request.user, track),
        "form": LabelForm(),
        "act": act_made(request.user, request.GET),
        "here": request.get_full_path(),
    }


def act_made(user: User, given: QueryDict) -> FactAct | None:
    """The act that a page tells of: the one that a job is writing; else the one just made, if there is more to say."""
    acts = FactAct.objects.of(user).defer("wanted").select_related("job")
    pk = number(given.get("undo", ""))
    act = acts.filter(job__state__in=Job.OPEN).first() or (acts.filter(pk=pk).first() if pk else None)
    return act if act and (act.undone_at is None or act.job) else None


def number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0
