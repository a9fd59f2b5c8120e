"""Spotify apps, and the consents people gave through them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User

if TYPE_CHECKING:
    from accounts.spotify.gateway import SpotifyGateway


class SpotifyAppQuerySet(models.QuerySet["SpotifyApp"]):
    def usable(self) -> Self:
        return self.filter(enabled=True)

    def shared(self) -> Self:
        """Those of the server, for everybody."""
        return self.filter(owner=None)

    def visible_to(self, user: User) -> Self:
        return self.filter(Q(owner=None) | Q(owner=user))

    def with_seats_used(self) -> Self:
        return self.annotate(seats_used=Count("connections", distinct=True))

    def with_free_seat(self) -> Self:
        free = Q(seats_used__lt=F("seats")) | Q(mode=SpotifyApp.Mode.EXTENDED)
        return self.with_seats_used().filter(free)

    def not_blocked(self, now: datetime) -> Self:
        return self.exclude(blocked_until__gt=now)


class SpotifyApp(models.Model):
    """One client id at Spotify. A server holds many; a person may bring their own."""

    class Mode(models.TextChoices):
        DEVELOPMENT = "development", _("Development")
        EXTENDED = "extended", _("Extended")

    name = models.CharField(_("name"), max_length=80)
    client_id = models.CharField(_("client id"), max_length=64, unique=True)
    client_secret_encrypted = models.TextField(blank=True)
    owner = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="spotify_apps", verbose_name=_("owner")
    )
    mode = models.CharField(_("mode"), max_length=12, choices=Mode.choices, default=Mode.DEVELOPMENT)
    seats = models.PositiveSmallIntegerField(_("seats"), default=5)  # in extended mode there is no limit
    enabled = models.BooleanField(_("enabled"), default=True)
    from_environment = models.BooleanField(default=False)  # id, secret and budget follow the SPOTIFY_… settings
    # Spotify counts its quota per developer account: apps of one developer share this word, and so one budget.
    quota_group = models.CharField(_("developer account"), max_length=64, db_index=True)
    daily_calls = models.PositiveIntegerField(_("calls a day"), default=500)  # whole quota group, rolling 24 hours
    interactive_reserve = models.PositiveIntegerField(_("reserve"), default=100)  # of these, for people who wait
    blocked_until = models.DateTimeField(_("blocked until"), null=True, blank=True)
    block_reason = models.CharField(max_length=200, blank=True)
    rate_limited_until = models.DateTimeField(null=True, blank=True)  # a short wall: seconds, this app alone
    storm_since = models.DateTimeField(null=True, blank=True)  # most consents seem dead at once: see spotify/storm.py
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SpotifyAppQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def client_secret(self) -> str:
        from accounts.spotify import crypto

        return crypto.decrypt(self.client_secret_encrypted)

    @client_secret.setter
    def client_secret(self, value: str) -> None:
        from accounts.spotify import crypto

        self.client_secret_encrypted = crypto.encrypt(value)

    def is_blocked(self, now: datetime) -> bool:
        return self.blocked_until is not None and self.blocked_until > now

    def has_free_seat(self) -> bool:
        return self.mode == self.Mode.EXTENDED or self.connections.count() < self.seats

    def siblings(self) -> SpotifyAppQuerySet:
        """All apps of the same developer account, this one too."""
        return SpotifyApp.objects.filter(quota_group=self.quota_group)


UNCHECKED = "unchecked:"  # how the account id begins while nobody knows whose handed-over tokens are


class SpotifyConnectionQuerySet(models.QuerySet["SpotifyConnection"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def active(self) -> Self:
        return self.filter(state__in=(SpotifyConnection.State.ACTIVE, SpotifyConnection.State.EXPIRING))

    def checked(self) -> Self:
        """Without those whose tokens were handed over and of which Spotify has not yet said whose they are."""
        return self.exclude(account_id__startswith=UNCHECKED)

    def workable(self, now: datetime) -> Self:
        """Active, and nothing stands in the way of their app."""
        return self.active().filter(app__enabled=True).exclude(app__blocked_until__gt=now)


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
    grant_failed_at = models.DateTimeField(null=True, blank=True)  # Spotify said invalid_grant
    lease = models.CharField(max_length=32, blank=True)  # of the one worker that is refreshing
    lease_until = models.DateTimeField(null=True, blank=True)
    noticed_days = models.PositiveSmallIntegerField(null=True, blank=True)  # last notice of the consent's end
    state = models.CharField(max_length=16, choices=State.choices, default=State.ACTIVE)
    state_reason = models.CharField(max_length=300, blank=True)
    state_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SpotifyConnectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "app"], name="one_consent_per_account_and_app"),
        ]
        indexes = [
            models.Index(fields=["user", "state"]),
            models.Index(fields=["access_expires_at"]),
        ]

    def __str__(self) -> str:
        return self.display_name or self.spotify_user_id

    @property
    def consent_ends_at(self) -> datetime:
        return self.authorized_at + settings.CONSENT_LIFETIME

    def consent_left(self, now: datetime) -> timedelta:
        return self.consent_ends_at - now

    @property
    def is_active(self) -> bool:
        return self.state in (self.State.ACTIVE, self.State.EXPIRING)

    def has_scope(self, *scopes: str) -> bool:
        return set(scopes) <= set(self.scopes)

    def move_to(self, state: State, *, reason: str = "", now: datetime) -> None:
        """Change the state, and nothing else of the row. The reason is shown to the person."""
        self.state, self.state_reason, self.state_at = state, reason[:300], now
        self.save(update_fields=["state", "state_reason", "state_at"])

    def gateway(self, *, interactive: bool = False) -> "SpotifyGateway":
        """Spotify's Web API as this connection may use it. `interactive`: a person waits, the reserve is open."""
        from accounts.spotify.gateway import SpotifyGateway

        return SpotifyGateway(self, interactive=interactive)
