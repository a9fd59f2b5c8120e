"""Keys that programs use in a person's name."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def active(self, now: datetime) -> Self:
        return self.filter(revoked_at=None).exclude(expires_at__lte=now)


class ApiToken(models.Model):
    """One key with which a program acts for one person, within its scopes. Its text is shown once and not kept.

    The text is 238 random bits, which nobody guesses: one round of SHA-256 is enough, and a look-up is one index read.
    """

    class Scope(models.TextChoices):
        READ = "read", _("Read plays, statistics and jobs")
        SUBMIT = "submit", _("Record plays")
        IMPORT = "import", _("Start imports")
        EXPORT = "export", _("Export everything")
        EDIT = "edit", _("Change rules and labels, fetch sources")
        REGISTER = "register", _("Register people and hand over their Spotify tokens")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=16, unique=True, editable=False)  # also Last.fm's API key
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256 of the whole text, hex
    scopes = models.JSONField(_("scopes"), default=list)  # of `Scope`, in its order
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)  # to the minute
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name or self.prefix

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def is_over(self, now: datetime) -> bool:
        """Whether its time has come, revoked or not."""
        return self.expires_at is not None and self.expires_at <= now

    @property
    def scope_words(self) -> list[str]:
        """What it may do, in the reader's language."""
        return [str(self.Scope(scope).label) for scope in self.scopes if scope in self.Scope.values]
