"""Keeping rules: save what is valid, refuse circles, copy, forget."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import SpotifyConnection, User
from playlists.library_own import asked_rules
from playlists.models import Rule
from playlists.rules import schema, validate
from playlists.rules.nodes import Query, conditions
from playlists.rules.problems import Problem


def problems(*, rule: Rule, query: Query) -> list[Problem]:
    """What forbids saving `query` as this rule: errors of its own, and a circle through others."""
    found = validate.errors(query)
    return found or ([Problem("cycle", node=path, part="value") for path in _circle(rule, query)][:1])


def _circle(rule: Rule, query: Query) -> list[tuple[int, ...]]:
    """The conditions that ask a rule which, in the end, asks this one."""
    others = list(Rule.objects.of(rule.user).exclude(pk=rule.pk))
    own = {text.casefold() for text in (rule.name, rule.key) if text}
    asks = {text.casefold(): asked_rules(other.query.where) for other in others for text in (other.name, other.key)}
    told = []
    for path, asked in conditions(query.where):
        seen, waiting = set[str](), asked_rules(type(query.where)("all", (asked,)))
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting |= asks.get(name, set())
        if seen & own:
            told.append(path)
    return told


@transaction.atomic
def save(*, rule: Rule, query: Query) -> Rule:
    """Write it down. It was checked with `problems`."""
    rule.body = schema.dump(query)
    rule.__dict__.pop("query", None)
    rule.save()
    return rule


def duplicate(*, rule: Rule, name: str) -> Rule:
    """A copy that writes nowhere until it is told to."""
    copied = ("description", "body", "priority")
    return Rule.objects.create(
        user=rule.user, name=name[:100], is_enabled=False, **{field: getattr(rule, field) for field in copied}
    )


def forget(*, user: User, connection: SpotifyConnection | None, dry_run: bool) -> dict[str, int]:
    """The eraser of `accounts.actions.depart`. Rules are the person's own words and stay until they leave."""
    rows = [] if connection else [(_("rules"), Rule.objects.of(user))]
    told = {words: found.count() for words, found in rows}
    if not dry_run:
        for _words, found in rows:
            found.delete()
    return told
