"""What people want of a playlist, in words that a program understands."""

import hashlib
import secrets
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from playlists.models.playlist import Playlist
from playlists.rules import printer, schema
from playlists.rules.nodes import Query


def rule_key() -> str:
    return secrets.token_hex(8)


class RuleQuerySet(models.QuerySet["Rule"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def enabled(self) -> Self:
        return self.filter(is_enabled=True)

    def filling(self, playlist: Playlist) -> Self:
        """All that write this playlist, as they are mixed: the first to say comes first."""
        return self.filter(playlist=playlist).order_by("-priority", "-weight", "name", "pk")


class Rule(models.Model):
    """One rule of one person: which tracks, how many, in which order, and the playlist they go to."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="rules")
    key = models.CharField(max_length=64, default=rule_key, editable=False)  # by which programs know it
    name = models.CharField(_("Name"), max_length=100)
    description = models.CharField(_("Description"), max_length=300, blank=True)
    body = models.JSONField(default=dict)  # as `playlists/rules/schema.py` writes it
    playlist = models.ForeignKey(
        Playlist, null=True, blank=True, on_delete=models.SET_NULL, related_name="rules", verbose_name=_("Playlist")
    )
    priority = models.PositiveSmallIntegerField(
        _("Priority"), default=0, help_text=_("Where several rules fill one playlist, the higher number comes first.")
    )
    weight = models.PositiveSmallIntegerField(
        _("Weight"),
        default=1,
        db_default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Of rules with the same priority, one of weight 3 gives three tracks for each one of weight 1."),
    )
    is_enabled = models.BooleanField(_("Switched on"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["-priority", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_rule_per_key")]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def query(self) -> Query:
        """The rule itself. It was checked when it was saved."""
        return schema.load(self.body)

    @property
    def mark(self) -> str:
        """The same for the same rule, whatever it is called and where it goes."""
        return hashlib.sha256(schema.dumps(self.query).encode()).hexdigest()[:16] if self.body else ""

    @property
    def text(self) -> str:
        """As a typed query."""
        return printer.write(self.query)
