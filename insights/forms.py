"""Forms of `insights`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ingest.models import Counting


class CountingForm(forms.ModelForm):
    """What counts in a person's figures."""

    class Meta:
        model = Counting
        fields = (
            "rule",
            "own_seconds",
            "own_percent",
            "with_incognito",
            "all_credits",
            "groups_recordings",
            "session_gap_min",
        )
        labels = {
            "rule": _("What counts as a play"),
            "own_seconds": _("My own limit in seconds"),
            "own_percent": _("or in per cent of the track"),
            "with_incognito": _("Count private sessions"),
            "all_credits": _("Count a play for every credited artist, not for the first alone"),
            "groups_recordings": _("Count the releases of one recording together"),
            "session_gap_min": _("Minutes of silence that end a session"),
        }
        help_texts = {
            "own_seconds": _("With “My own limits”; whichever is reached first. 0: no such limit."),
            "session_gap_min": _("5 to 120."),
        }
        widgets = {"rule": forms.RadioSelect}

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("rule") == Counting.Rule.OWN and not told.get("own_seconds") and not told.get("own_percent"):
            self.add_error("own_seconds", _("Give at least one limit; with none, nothing would count."))
        return told


class HoursForm(forms.Form):
    """Hours of the day to leave out, from one full hour until before another."""

    HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
    first = forms.TypedChoiceField(label=_("From"), choices=HOURS, coerce=int)
    last = forms.TypedChoiceField(label=_("Until"), choices=HOURS, coerce=int, initial=6)
