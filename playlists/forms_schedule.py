"""When a rule writes its playlist by itself."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from playlists.models import Schedule

OFF = "off"


class ScheduleForm(forms.ModelForm):
    """Off, or how often; the hour and the weekday count where they are asked for."""

    kind = forms.ChoiceField(label=_("Write it"), choices=[(OFF, _("Only when I say so")), *Schedule.Kind.choices])
    hour = forms.TypedChoiceField(
        label=_("At"), coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)], required=False
    )
    weekday = forms.TypedChoiceField(
        label=_("On"), coerce=int, choices=[(day + 1, name) for day, name in WEEKDAYS.items()], required=False
    )

    class Meta:
        model = Schedule
        fields = ("kind", "hour", "weekday")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.zone:  # it was never kept
            self.initial["kind"] = OFF

    def words(self) -> dict[str, Any]:
        """What `schedules.keep` is told; a choice that was left out stays as it was."""
        told = {"hour": self.instance.hour, "weekday": self.instance.weekday}
        told |= {name: self.cleaned_data[name] for name in told if self.cleaned_data[name] not in ("", None)}
        return {"kind": self.cleaned_data["kind"], **told}
