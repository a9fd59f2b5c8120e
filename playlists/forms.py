"""Forms of playlists and rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import SpotifyConnection, User
from playlists.models import Playlist, Rule


class PlaylistForm(forms.ModelForm):
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
            for told_once in ("name", "description", "connection", "is_public"):
                self.fields[told_once].disabled = True
            self.fields["name"].help_text = _("It exists at Spotify; rename it there.")


class RuleForm(forms.ModelForm):
    """What belongs to a rule beside the rule itself."""

    class Meta:
        model = Rule
        fields = ["name", "description", "playlist", "priority", "is_enabled"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        playlist = self.fields["playlist"]
        assert isinstance(playlist, forms.ModelChoiceField)
        playlist.queryset = Playlist.objects.of(user)
        playlist.required = False
