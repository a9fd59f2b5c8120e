"""From what you heard to a playlist: /playlists/from-listening/?artist=38&range=1y."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import PersonRequest, require_form_methods
from accounts.models import SpotifyConnection, User
from accounts.spotify.errors import SpotifyError
from ingest import lens, period
from ingest.period import BadPeriod, Period
from playlists.actions import from_heard, sync
from playlists.models import Playlist

DEFAULT, SHOWN = 50, 20


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
    stretch, problem = _asked(request)
    kind = next((each for each in from_heard.KINDS if request.GET.get(each, "").isdecimal()), "")
    key = int(request.GET[kind]) if kind else 0
    form = TargetForm(request.POST or None, user=user, initial={"size": DEFAULT})
    size = form.cleaned_data["size"] if form.is_bound and form.is_valid() else DEFAULT
    chosen = from_heard.choose(lens.read(user), stretch, size=size, kind=kind, key=key)
    if request.method == "POST" and form.is_valid() and chosen.tracks:
        playlist = form.cleaned_data["target"] or _new(user, form.cleaned_data["name"])
        try:
            return redirect("playlists:run", sync.preview(playlist=playlist, wanted=chosen.uris, now=now).pk)
        except SpotifyError:
            messages.error(request, _("Spotify could not be read just now. Nothing was changed; try again later."))
    context = {"form": form, "chosen": chosen, "tracks": chosen.tracks[:SHOWN], "period": stretch, "problem": problem}
    return render(request, "playlists/from_listening.html", context, status=400 if form.errors or problem else 200)


def _asked(request: PersonRequest) -> tuple[Period, str]:
    today, user = timezone.localdate(), request.user
    words = {"first": request.GET.get("from", ""), "last": request.GET.get("to", "")}
    try:
        name = request.GET.get("range", "1y")
        return period.parse(name, **words, today=today, zone=user.zone, week_starts_on=user.week_starts_on), ""
    except BadPeriod as exc:
        return period.parse("1y", today=today, zone=user.zone), str(exc)


def _new(user: User, name: str) -> Playlist:
    connection = SpotifyConnection.objects.active().filter(user=user).first()
    return Playlist.objects.create(owner=user, connection=connection, name=name or _("From my listening"))
