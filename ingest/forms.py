"""Forms of `ingest`."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ingest import clock, names
from ingest.importers.lists_brought import MOST_BYTES

ACCEPTED = ".zip,.json,.jsonl,.csv,.tsv,.log,.txt,application/zip,application/json,text/csv"


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files; a file without a byte is dropped, as the import would have nothing to say of it."""

    widget = ManyFilesInput
    default_error_messages = {
        "empty": _("There is nothing in what you chose. Download your zip again and drop it here."),
    }

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [file for file in data or [] if file]
        if not files and not self.required:
            return []
        filled = [file for file in files if file.size]
        if files and not filled:
            raise forms.ValidationError(self.error_messages["empty"], code="empty")
        if not files:
            raise forms.ValidationError(_("Choose your zip first."), code="required")
        return filled


class UploadForm(forms.Form):
    """The zip of a person's history, as sent; or the files out of it."""

    files = ManyFilesField(  # type: ignore[assignment]  # a form has `files` too, which nobody reads by that name
        label=_("Your zip, or the files out of it"),
        widget=ManyFilesInput(attrs={"accept": ACCEPTED, "aria-describedby": "id_files_helptext"}),
    )


class ListForm(forms.Form):
    """A list of tracks: files as other programs write them, or pasted lines."""

    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("If you leave it out, the file's own name.")
    )
    files = ManyFilesField(  # type: ignore[assignment]  # as in UploadForm
        label=_("Files"),
        required=False,
        error_messages={"empty": _("There is nothing in what you chose. Export the list again.")},
        widget=ManyFilesInput(attrs={"accept": ".csv,.tsv,.txt,.m3u,.m3u8,.jspf,.json,.xspf,.xml,.zip"}),
        help_text=_(
            "CSV of Exportify, TuneMyMusic, Soundiiz or a spreadsheet; M3U, JSPF, XSPF; Spotify's account data. "
            "Zips of them too."
        ),
    )
    pasted = forms.CharField(
        label=_("Or paste it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("A line for each track: a link to it at Spotify, or “Artist – Title”."),
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not said.get("files") and not said.get("pasted") and not self.errors:
            raise forms.ValidationError(_("Choose a file, or paste some lines."), code="required")
        return said

    def told(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of each file, then what was pasted. No more is read of a file than a list may have."""
        for file in self.cleaned_data["files"]:
            yield names.clean(file.name), file.read(MOST_BYTES + 1)
        if self.cleaned_data["pasted"]:
            yield "", self.cleaned_data["pasted"].encode("utf-8", "replace")


class RecordingForm(forms.Form):
    """A person's word on two tracks; `apart` without the other: on one track and any other."""

    track = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    other = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    answer = forms.ChoiceField(choices=[("same", ""), ("apart", "")])


class LengthField(forms.CharField):
    """A length as 3:42 or 1:02:05, or in seconds; given in ms."""

    def clean(self, value: Any) -> int:
        told = super().clean(value).strip()
        if not re.fullmatch(r"[0-9]{1,5}(:[0-5]?[0-9]){0,2}", told, re.ASCII):
            raise forms.ValidationError(_("Write the length as minutes and seconds, such as 3:42."), code="invalid")
        seconds = 0
        for part in told.split(":"):
            seconds = 60 * seconds + int(part)
        if not 0 < seconds <= 24 * 3600:
            raise forms.ValidationError(_("A play is longer than nothing and at most a day."), code="invalid")
        return seconds * 1000


class HandForm(forms.Form):
    """One play as the person says it was: a track of theirs or names, a moment of their clock, a length."""

    act = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    track = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=_("Title"), max_length=300, required=False)
    artist = forms.CharField(label=_("Artist"), max_length=300, required=False)
    album = forms.CharField(label=_("Album"), max_length=300, required=False)
    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    at = forms.TimeField(
        label=_("Began at"),
        widget=forms.TimeInput(attrs={"type": "time", "step": 1}, format="%H:%M:%S"),
        help_text=_("By your own clock."),
    )
    fold = forms.ChoiceField(
        label=_("The clock showed this time twice that day"),
        choices=[("0", _("Before it went back")), ("1", _("After it went back"))],
        required=False,
        widget=forms.RadioSelect,
    )
    length = LengthField(label=_("Heard for"), help_text=_("Minutes and seconds: 3:42."))

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, **more: Any) -> None:
        super().__init__(*args, **more)
        self.zone, self.now = zone, now
        self.is_twice = False  # whether the clock showed the time twice, so that it has to be said which

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if not told.get("track") and not (told.get("title", "").strip() and told.get("artist", "").strip()):
            self.add_error("title", _("Choose a track, or give its title and artist."))
        if told.get("on") and told.get("at"):
            told["started_at"] = self._moment(datetime.combine(told["on"], told["at"]), told.get("fold", ""))
        return told

    def _moment(self, local: datetime, fold: str) -> datetime | None:
        if not 1970 < local.year < 9998:
            self.add_error("on", _("That is too long ago, or too far ahead."))
            return None
        found = clock.moments_of(local, self.zone)
        self.is_twice = len(found) == 2
        if not found:
            self.add_error("at", _("The clock jumped over that time that day. Give one before or after it."))
            return None
        if self.is_twice and fold not in ("0", "1"):
            self.add_error("fold", _("Say which of the two it was."))
            return None
        moment = found[int(fold)] if self.is_twice else found[0]
        if moment > self.now + timedelta(minutes=1):
            self.add_error("on", _("That is still to come."))
        return moment
