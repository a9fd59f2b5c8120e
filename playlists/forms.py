"""The forms of a playlist."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import SpotifyConnection, User
from ingest.models import TrackSource
from playlists.actions import targets
from playlists.models import Playlist

TOLD_ONCE = ("name", "description", "connection", "is_public")  # until it exists at Spotify


class AsShown(forms.ModelForm):
    """Carries along what it showed: what its person did not touch is not theirs to write, whoever changed it since."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        carried = not self.is_bound or any(name.startswith("initial-") for name in self.data)  # a program may not
        for field in self.fields.values():
            field.show_hidden_initial = carried and self.instance.pk is not None


class PlaylistForm(AsShown):
    """What a playlist is called, where it lives, and how it is written."""

    class Meta:
        model = Playlist
        fields = (
            "name",
            "description",
            "connection",
            "is_public",
            "mode",
            "keeps_hand_edits",
            "min_tracks",
            "is_enabled",
        )
        widgets = {"mode": forms.RadioSelect}
        labels = {
            "name": _("Name"),
            "description": _("Description"),
            "connection": _("Spotify account"),
            "is_public": _("Show it on my Spotify profile"),
            "mode": _("How it is written"),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["connection"]
        assert isinstance(choices, forms.ModelChoiceField)
        choices.queryset = SpotifyConnection.objects.filter(user=user)
        choices.empty_label = None if choices.queryset.exists() else _("No Spotify account is connected")
        self.fields["mode"].choices = Playlist.Mode.choices  # type: ignore[attr-defined]  # none means none chosen
        if self.instance.spotify_id:
            for told_once in TOLD_ONCE:
                self.fields[told_once].disabled = True
            self.fields["name"].help_text = _("It exists at Spotify; rename it there.")

    def save(self, commit: bool = True) -> Playlist:
        """Of one that is kept already only what was changed: a worker may be storing what it made and wrote."""
        if self.instance.pk is None or not commit:
            return super().save(commit)
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        once = {name: changed.pop(name) for name in TOLD_ONCE if name in changed}
        rows = Playlist.objects.filter(pk=self.instance.pk)
        if once:
            rows.filter(spotify_id="").update(**once)
        if changed:
            rows.update(**changed)
        self.instance.refresh_from_db()
        return self.instance


class NewPlaylistForm(PlaylistForm):
    """A playlist to be made at Spotify, or one that is there already and is written from now on."""

    existing = forms.ModelChoiceField(
        TrackSource.objects.none(),
        label=_("Which playlist"),
        required=False,
        help_text=_("One that is at Spotify already keeps its name; what is in it is shown before anything changes."),
    )
    field_order = ("existing",)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        existing = self.fields["existing"]
        assert isinstance(existing, forms.ModelChoiceField)
        existing.empty_label = _("A new one")
        existing.queryset = targets.own_lists(user)
        if not existing.queryset.exists():
            del self.fields["existing"]
        elif self.data.get("existing"):
            self.fields["name"].required = self.fields["connection"].required = False

    def clean(self) -> dict[str, Any]:
        words = super().clean() or {}
        if (source := words.get("existing")) is not None:
            words |= {"name": source.name[:100], "connection": source.connection}
            self.instance.spotify_id = source.spotify_id
        return words
