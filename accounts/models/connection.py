"""Spotify apps, the consents people gave through them, and what was spent."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


class SpotifyApp(models.Model):
    """One client id at Spotify. A server holds many; a person may bring their own."""

    class Mode(models.TextChoices):
        DEVELOPMENT = "development", _("Development")
        EXTENDED = "extended", _("Extended")

    name = models.CharField(max_length=80)
    client_id = models.CharField(max_length=64, unique=True)
    client_secret_encrypted = models.TextField(blank=True)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="spotify_apps")
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.DEVELOPMENT)
    seats = models.PositiveSmallIntegerField(default=5)
    enabled = models.BooleanField(default=True)
    # Spotify counts its quota per developer account: apps of one developer share this word, and so one budget.
    quota_group = models.CharField(max_length=64, db_index=True)
    daily_calls = models.PositiveIntegerField(default=500)  # of the whole quota group, in a rolling 24 hours
    interactive_reserve = models.PositiveIntegerField(default=100)  # of these, kept for people who wait
    blocked_until = models.DateTimeField(null=True, blank=True)
    block_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class SpotifyConnectionQuerySet(models.QuerySet["SpotifyConnection"]):
    def of(self, user: User) -> "SpotifyConnectionQuerySet":
        return self.filter(user=user)

    def active(self) -> "SpotifyConnectionQuerySet":
        return self.filter(state__in=(SpotifyConnection.State.ACTIVE, SpotifyConnection.State.EXPIRING))


class SpotifyConnection(models.Model):
    """One consent at Spotify: of a person, or (no user) of the operators for a service account."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        EXPIRING = "expiring", _("Consent ends soon")
        RECONNECT = "reconnect", _("Needs reconnecting")
        NOT_ALLOWLISTED = "not_allowlisted", _("Not on the app's list")
        APP_BLOCKED = "app_blocked", _("App blocked")

    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="connections")
    app = models.ForeignKey(SpotifyApp, on_delete=models.PROTECT, related_name="connections")
    account_id = models.CharField(max_length=80)  # immutable; falls back to the profile id where Spotify gives none
    spotify_user_id = models.CharField(max_length=80)
    display_name = models.CharField(max_length=120, blank=True)
    image_url = models.URLField(max_length=500, blank=True)
    access_token_encrypted = models.TextField(blank=True)
    access_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_token_encrypted = models.TextField(blank=True)
    scopes = models.JSONField(default=list)  # what was granted, not what was asked
    authorized_at = models.DateTimeField()  # of the consent: refreshing does not move it
    refreshed_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.ACTIVE)
    state_reason = models.CharField(max_length=300, blank=True)
    state_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SpotifyConnectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "app"], name="one_consent_per_account_and_app"),
        ]
        indexes = [models.Index(fields=["user", "state"])]

    def __str__(self) -> str:
        return self.display_name or self.spotify_user_id

    @property
    def consent_ends_at(self):  # noqa: ANN201
        return self.authorized_at + settings.CONSENT_LIFETIME


class CallCount(models.Model):
    """How often one connection called one endpoint within one hour: the budget, and what it was spent on."""

    quota_group = models.CharField(max_length=64)
    hour = models.DateTimeField()  # its start, UTC
    connection = models.ForeignKey(SpotifyConnection, null=True, on_delete=models.SET_NULL, db_index=False)
    endpoint = models.CharField(max_length=60)
    interactive = models.BooleanField(default=False)
    calls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["quota_group", "hour", "connection", "endpoint", "interactive"],
                name="one_count_per_call_and_hour",
            ),
            models.UniqueConstraint(
                fields=["quota_group", "hour", "endpoint", "interactive"],
                condition=Q(connection=None),
                name="one_count_per_anonymous_call_and_hour",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} {self.hour:%F %H}h: {self.calls}"
