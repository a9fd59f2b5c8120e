"""Names in an import that may mean several tracks: the list on the import's page, and the person's word on each."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest, get_owned
from ingest.actions import unsure as deciding
from ingest.models import HistoryImport, Track, UnsureTrack

SHOWN = 50  # on one page, those with the most plays first


@dataclass(frozen=True, slots=True)
class Doubt:
    """One entry: the names, what they may mean, and how many plays hang on it."""

    unsure: UnsureTrack
    candidates: list[Track]
    plays: int


@dataclass(frozen=True, slots=True)
class Doubts:
    shown: list[Doubt]
    more: int  # that are not shown, as others hang on more plays


def of_import(history_import: HistoryImport) -> Doubts:
    """What is to be decided of an import, or was: those of which plays are known by no better evidence."""
    found = UnsureTrack.objects.filter(history_import=history_import).standing()
    shown = list(found.select_related("track__artist", "chosen__album")[:SHOWN])
    wanted = {pk for each in shown for pk in each.candidates}
    tracks = Track.objects.select_related("album", "artist").in_bulk(wanted)
    return Doubts(
        [
            Doubt(each, [tracks[pk] for pk in each.candidates if pk in tracks], each.plays or len(each.moved))
            for each in shown
        ],
        found.count() - len(shown),
    )


@require_POST
@login_required
def decide(request: PersonRequest, pk: int) -> HttpResponse:
    """Say which track the names mean: `track` is one of the candidates, `own` for none of them, `undo` to take back."""
    unsure = get_owned(request.user, UnsureTrack.objects.select_related("track"), pk)
    said, now = request.POST.get("track", ""), timezone.now()
    if said == "undo":
        deciding.undo(unsure=unsure, now=now)
        messages.success(request, _("Taken back."))
    else:
        try:
            moved = deciding.decide(unsure=unsure, chosen=None if said == "own" else int(said), now=now)
        except ValueError:  # no number, or a track that is none of them
            return HttpResponseBadRequest(_("There is no such choice."))
        messages.success(request, _told(unsure, moved))
    return redirect(f"{reverse('ingest:import', args=[unsure.history_import_id])}#unsure")


def _told(unsure: UnsureTrack, moved: int) -> str:
    if unsure.chosen_id is None:
        return _("“%(name)s” stays a track of its own.") % {"name": unsure.track.name}
    words = ngettext("%(count)d play is its now.", "%(count)d plays are its now.", moved)
    return words % {"count": moved}
