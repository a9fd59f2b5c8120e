"""The form of a new token."""

from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.models import ApiToken, User

Scope = ApiToken.Scope
ENDS = [(0, _("Never")), (30, _("In 30 days")), (365, _("In a year"))]  # days
MOST = 50  # of one person, the revoked ones not counted


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"), max_length=80, help_text=_("The program or the device, so that you know it again.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Scope.choices,
        initial=[Scope.READ, Scope.SUBMIT],
        widget=forms.CheckboxSelectMultiple,
    )
    ends = forms.TypedChoiceField(label=_("Ends"), choices=ENDS, coerce=int, initial=0)

    def make(self, user: User, now: datetime) -> tuple[ApiToken, str]:
        """The token and its text, to be shown once."""
        told = self.cleaned_data
        expires_at = now + timedelta(days=told["ends"]) if told["ends"] else None
        return keys.make(user=user, name=told["name"], scopes=told["scopes"], now=now, expires_at=expires_at)
