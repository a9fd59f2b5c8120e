"""People, and the invitations that let them in."""

import zoneinfo

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone we know."), params={"name": name})


class User(AbstractUser):
    """One person of this server. Never needs Spotify: may have only imports or submissions."""

    class Theme(models.TextChoices):
        FOLLOW = "follow", _("Follow the device")
        LIGHT = "light", _("Paper")
        DARK = "dark", _("Dark")

    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    # Whether the zone is the person's: said in the settings, or told once by their browser. Else it is only ours.
    time_zone_is_known = models.BooleanField(default=False)
    language = models.CharField(_("language"), max_length=8, default="", blank=True)  # empty: as the browser asks
    spoken = models.CharField(_("language last spoken"), max_length=8, default="", blank=True, editable=False)
    theme = models.CharField(_("appearance"), max_length=8, choices=Theme.choices, default=Theme.FOLLOW)
    week_starts_on = models.PositiveSmallIntegerField(_("week starts on"), default=1)  # ISO: 1 Monday to 7 Sunday
    market = models.CharField(
        _("market"), max_length=2, default="", blank=True
    )  # ISO country; Spotify tells it no more

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def reads(self) -> str:
        """The language to write to them in where there is no request to ask: the chosen one, or their browser's."""
        return self.language or self.spoken or settings.LANGUAGE_CODE


class Invitation(models.Model):
    """One right to sign up once, while sign-up is by invitation."""

    token = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_by = models.OneToOneField(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitation")

    def __str__(self) -> str:
        return self.note or f"Invitation {self.pk}"


class Registration(models.Model):
    """One person whom a program made in another's name, known by a Spotify account that has not signed in here yet."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="registration")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="registered")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["by", "created_at"])]

    def __str__(self) -> str:
        return f"{self.user_id} by {self.by_id}"
