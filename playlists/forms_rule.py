"""What belongs to a rule beside the rule itself."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from playlists.actions import targets
from playlists.forms import AsShown
from playlists.models import Playlist, Rule

NEW, OWN, THERE = "new", "own:", "there:"


class RuleForm(AsShown):
    """Name, target and switches. The target is a playlist that Vibesite writes, one at Spotify, or a new one."""

    target = forms.ChoiceField(label=_("Playlist"), required=False)

    class Meta:
        model = Rule
        fields = ["name", "description", "priority", "weight", "is_enabled"]

    field_order = ["name", "description", "target", "priority", "weight", "is_enabled"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["weight"].required = False  # one who leaves it out means the usual
        self.initial["target"] = f"{OWN}{self.instance.playlist_id}" if self.instance.playlist_id else ""
        own = [(f"{OWN}{pk}", name) for pk, name in Playlist.objects.of(user).values_list("pk", "name")]
        there = [(f"{THERE}{each.spotify_id}", each.name) for each in targets.own_lists(user)]
        grouped = [(_("Written by Vibesite"), own), (_("Yours at Spotify"), there)]
        plain: list[Any] = [("", _("None yet")), (NEW, _("Make a new one, called like the rule"))]
        self.fields["target"].choices = [*plain, *(each for each in grouped if each[1])]  # type: ignore[attr-defined]

    def clean_weight(self) -> int:
        return self.cleaned_data["weight"] or self.instance.weight or 1

    @property
    def touched(self) -> list[str]:
        """The rule's fields that the person changed; all that were sent, of a new one."""
        return ["playlist" if name == "target" else name for name in self.changed_data]

    def choose_target(self) -> None:
        """Give the rule the playlist that was chosen; it is saved with the rule."""
        if "target" not in self.changed_data:
            return
        chosen = self.cleaned_data["target"]
        playlist = None
        if chosen.startswith(OWN):
            playlist = Playlist.objects.of(self.user).get(pk=chosen.removeprefix(OWN))
        elif chosen.startswith(THERE):
            playlist = targets.taken_over(self.user, spotify_id=chosen.removeprefix(THERE))
        elif chosen == NEW:
            playlist = Playlist.objects.create(owner=self.user, name=self.instance.name)
        self.instance.playlist = playlist
