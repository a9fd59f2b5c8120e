"""What a rule chooses, as a source of tracks beside others."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.models import User
from ingest import derived
from ingest.models import TrackSource
from playlists.actions import preview, rules
from playlists.library import Library
from playlists.models import Rule


def tracks(question: derived.Question) -> Sequence[int]:
    """The rule's draft as of now. Raises `derived.Gone`."""
    rule = Rule.objects.of(question.user).filter(key=question.asked).first()
    if rule is None:
        raise derived.Gone(_("The rule is deleted, so that nothing comes from it any more."))
    return preview.of_rule(rule=rule, library=Library(question.user, now=question.now)).track_ids


def choices(user: User) -> list[tuple[str, str]]:
    return [(rule.key, rule.name) for rule in Rule.objects.of(user)]


def why_not(user: User, key: str, name: str) -> str:
    if rules.source_circle(user=user, key=key, name=name):
        return _("“%(name)s” would ask itself then: it, or a rule that it asks, takes from a source of that name.") % {
            "name": name
        }
    return ""


def register() -> None:
    derived.register(TrackSource.Kind.RULE, derived.Maker(tracks, choices, why_not))
