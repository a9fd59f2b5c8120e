"""When a rule writes its playlist by itself."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from playlists.models import Schedule

OFF = "off"


class ScheduleForm(forms.Form):
    """Off, or how often; the hour and the weekday count where they are asked for."""

    kind = forms.ChoiceField(label=_("Write it"), choices=[(OFF, _("Only when I say so")), *Schedule.Kind.choices])
    hour = forms.TypedChoiceField(
        label=pgettext_lazy("hour of the day", "At"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        required=False,
    )
    weekday = forms.TypedChoiceField(
        label=pgettext_lazy("day of the week", "On"),
        coerce=int,
        choices=[(day + 1, name) for day, name in WEEKDAYS.items()],
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, schedule: Schedule | None) -> None:
        told = schedule or Schedule()
        self.before = {"hour": told.hour, "weekday": told.weekday}
        kind = told.kind if schedule else OFF
        super().__init__(data, initial={"kind": kind, **self.before})

    def words(self) -> dict[str, Any]:
        """What `schedules.keep` is told; a choice that was left out stays as it was."""
        chosen = {name: self.cleaned_data[name] for name in self.before if self.cleaned_data[name] != ""}
        return {"kind": self.cleaned_data["kind"], **self.before, **chosen}
