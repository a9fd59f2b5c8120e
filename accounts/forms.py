"""Forms of people, apps and invitations."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.forms.utils import flatatt
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import requeue
from accounts.models import SpotifyApp, User

WEEKDAYS = [(1, _("Monday")), (6, _("Saturday")), (7, _("Sunday"))]


def zones_with(chosen: str) -> list[tuple[str, str]]:
    """Every zone of the world in order, as choices; `chosen` among them whatever it is."""
    names = {name for name in zoneinfo.available_timezones() if "/" in name} | {"UTC", chosen}
    return [(name, name.replace("_", " ")) for name in sorted(names)]


class ZoneSelect(forms.Select):
    """A select of six hundred options, written at once instead of by a template for each."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        options = ((zone, SafeString(" selected" if zone == str(value) else ""), words) for zone, words in self.choices)
        return format_html(
            "<select{}>{}</select>",
            flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name})),
            format_html_join("", '<option value="{}"{}>{}</option>', options),
        )


class ZoneForm(forms.ModelForm):
    """The time zone alone, for those who never said theirs. Takes every name that browsers tell, old ones too."""

    class Meta:
        model = User
        fields = ("time_zone",)
        widgets = {"time_zone": ZoneSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields["time_zone"].widget
        assert isinstance(widget, forms.Select)
        widget.choices = zones_with(self.instance.time_zone)

    def save(self, commit: bool = True) -> User:
        self.instance.time_zone_is_known = True
        return super().save(commit)


class SettingsForm(forms.ModelForm):
    first_name = forms.CharField(
        label=_("Name"), max_length=150, required=False, help_text=_("How Vibesite addresses you.")
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("Only for reminders and a forgotten password; Spotify does not tell us yours."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), widget=ZoneSelect, help_text=_("Days and hours on every page are counted in it.")
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    theme = forms.ChoiceField(label=_("Appearance"), choices=User.Theme.choices, widget=forms.RadioSelect)
    week_starts_on = forms.TypedChoiceField(label=_("Week starts on"), choices=WEEKDAYS, coerce=int)

    class Meta:
        model = User
        fields = ("first_name", "email", "time_zone", "language", "theme", "week_starts_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("time_zone", zones_with(self.instance.time_zone))
        self.offer("language", [("", _("As the browser asks")), *settings.LANGUAGES])

    def offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def save(self, commit: bool = True) -> User:
        self.instance.time_zone_is_known = True  # it stood in the form, and was left or changed
        return super().save(commit)


class AppForm(forms.ModelForm):
    """A client id: one's own, or (operators) one for everybody."""

    secret = forms.CharField(
        label=_("Client secret"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        max_length=128,
        help_text=_("Kept encrypted and never shown again."),
    )
    is_shared = forms.BooleanField(label=_("For everybody on this server"), required=False)

    class Meta:
        model = SpotifyApp
        fields = ("name", "client_id", "secret", "mode", "seats", "daily_calls", "quota_group")
        help_texts = {
            "quota_group": _("Apps of one developer account share its calls. Give them the same word here."),
            "seats": _("Spotify allows five listeners in development mode."),
            "daily_calls": _("Our own ceiling in 24 hours; Spotify's is not published. 500 has been safe."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["client_id"].widget.attrs["autocomplete"] = "off"
        self.fields["quota_group"].required = False
        if self.instance.pk:
            self.fields["secret"].required = False
            self.fields["secret"].help_text = _("Leave empty to keep the present one.")
            del self.fields["is_shared"], self.fields["client_id"]
        elif not user.is_staff:
            del self.fields["is_shared"], self.fields["quota_group"]
        if self.instance.from_environment:
            for name in ("secret", "daily_calls"):
                del self.fields[name]

    def clean_client_id(self) -> str:
        return str(self.cleaned_data["client_id"]).strip()

    def save(self, commit: bool = True) -> SpotifyApp:
        app = super().save(commit=False)
        lifted = False
        if self.cleaned_data.get("secret"):
            app.client_secret = self.cleaned_data["secret"].strip()
            if app.block_reason == "refused":
                app.blocked_until, app.block_reason, lifted = None, "", True
        if app.pk is None and not self.cleaned_data.get("is_shared"):
            app.owner = self.user
        app.quota_group = app.quota_group or app.client_id
        app.interactive_reserve = min(app.interactive_reserve, app.daily_calls // 5)
        if commit:
            app.save()
            if lifted:
                requeue.release(app=app, now=timezone.now())
        return app


class LeaveForm(forms.Form):
    """Deleting oneself is confirmed by one's own user name: a password nobody has to have."""

    username = forms.CharField(
        label=_("Your user name, to confirm"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_username(self) -> str:
        if self.cleaned_data["username"].strip() != self.user.username:
            raise forms.ValidationError(_("That is not your user name; nothing was deleted."))
        return self.user.username


class InvitationForm(forms.Form):
    note = forms.CharField(label=_("For whom"), max_length=200, required=False)
