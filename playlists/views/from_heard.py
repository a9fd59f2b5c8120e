"""From what you heard to a playlist: /playlists/from-listening/?artist=38&range=1y."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import PersonRequest, require_form_methods
from accounts.models import User
from ingest import lens, log_address
from playlists.actions import from_heard, sync
from playlists.models import Playlist, SyncRun
from playlists.views import planning

DEFAULT, SHOWN = 50, 20
TIMES = ("range", "from", "to")
UNDERSTOOD = {*TIMES, *log_address.THINGS}  # of the words of the log's address


class TargetForm(forms.Form):
    """Into which playlist."""

    target = forms.ModelChoiceField(Playlist.objects.none(), label=gettext_lazy("Into"), required=False)
    name = forms.CharField(label=gettext_lazy("Name of the new one"), max_length=100, required=False)
    size = forms.IntegerField(label=gettext_lazy("Tracks at most"), min_value=1, max_value=from_heard.MOST)

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        target = self.fields["target"]
        assert isinstance(target, forms.ModelChoiceField)
        target.queryset = Playlist.objects.of(user)
        target.empty_label = _("A new playlist")


@require_form_methods
@login_required
def from_listening(request: PersonRequest) -> HttpResponse:
    """The tracks that would go in; a POST plans it, and shows the plan."""
    user, now = request.user, timezone.now()
    asked = log_address.asked(_with_range(request.GET), user)
    form = TargetForm(request.POST or None, user=user, initial={"size": DEFAULT})
    size = form.cleaned_data["size"] if form.is_bound and form.is_valid() else DEFAULT
    reading = lens.read(user)
    chosen = from_heard.choose(reading, asked.filters.period, size=size, things=asked.filters.things)
    if request.method == "POST" and form.is_valid() and chosen.tracks and not asked.problems:
        playlist, name = form.cleaned_data["target"], form.cleaned_data["name"] or _("From my listening")

        def plan() -> SyncRun:
            if playlist is not None:
                return sync.preview(playlist=playlist, wanted=chosen.uris, now=now)
            return sync.into_new(owner=user, name=name, wanted=chosen.uris, now=now)

        if planned := planning.to_run(request, plan):
            return planned
    context = {
        "form": form, "chosen": chosen, "tracks": chosen.tracks[:SHOWN], "problems": asked.problems,
        "chips": log_address.chips(asked, reading),
    }  # fmt: skip
    return render(
        request, "playlists/from_listening.html", context, status=400 if form.errors or asked.problems else 200
    )


def _with_range(get: QueryDict) -> QueryDict:
    """What was asked: the words that this page understands, and the last year unless another time is named."""
    words = get.copy()
    for name in set(words) - UNDERSTOOD:
        del words[name]
    if not any(words.get(name) for name in TIMES):
        words["range"] = "1y"
    return words
