"""Rules out to files and programs, and in again: the same rule, whole."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from playlists import rule_sets
from playlists.actions import rules, schedules, targets
from playlists.models import Playlist, Rule, Schedule
from playlists.models.rule import rule_key
from playlists.rule_sets import RuleSet, Target, When
from playlists.rules.problems import Invalid, Problem

DELETED = "deleted_rule"  # of a browser session: the last one, whole, so that it can be brought back
FORMAT = {"format": "vibesite-rules", "version": 1}


def told(rule: Rule) -> RuleSet:
    """The rule with all that belongs to it."""
    playlist, schedule = rule.playlist, getattr(rule, "schedule", None)
    return RuleSet(
        rule.name,
        rule.query,
        rule.key,
        rule.description,
        rule.is_enabled,
        Target(playlist.spotify_id, playlist.name) if playlist else None,
        rule.priority,
        rule.weight,
        When(schedule.kind, schedule.hour, schedule.weekday) if schedule else None,
    )


def dumped(rule: Rule) -> dict[str, Any]:
    return rule_sets.dump(told(rule))


def exported(found: Iterable[Rule]) -> dict[str, Any]:
    """A file of rules."""
    return {**FORMAT, "rules": [dumped(rule) for rule in found]}


def of_person(user: User) -> dict[str, Any]:
    """All their rules, as a file."""
    return exported(Rule.objects.of(user).select_related("playlist", "schedule"))


class InUse(Exception):
    """Other rules ask this one, so it stays."""

    def __init__(self, by: Sequence[Rule]) -> None:
        super().__init__(by)
        self.by = by


@transaction.atomic
def delete(*, rule: Rule, now: datetime) -> dict[str, Any]:
    """Delete it with its schedule; the whole rule, as `take_in` and `upsert` bring it back. Raises InUse.

    Its playlist stays, here and at Spotify.
    """
    if by := rules.asking(rule):
        raise InUse(by)
    whole = dumped(rule)
    schedules.drop(rule=rule, now=now)
    rule.delete()
    return whole


def upsert(*, user: User, data: object, now: datetime) -> tuple[Rule, bool]:
    """Store a rule under its id, and whether it is new; what is not told stays as it was.

    Raises Invalid; then nothing was stored.
    """
    try:
        return _upsert(user, data, now)
    except IntegrityError:  # the same id was made at the same moment: now it is there
        return _upsert(user, data, now)


@transaction.atomic
def _upsert(user: User, data: object, now: datetime) -> tuple[Rule, bool]:
    given = rule_sets.load(data)
    rules.hold(user)
    known = Rule.objects.of(user).select_related("playlist", "schedule")
    rule = known.filter(key=given.id).first() if given.id else None
    if rule is not None and isinstance(data, dict):
        before = dumped(rule)
        if "target_playlist" in data or "target_playlist_id" in data:
            before = {key: value for key, value in before.items() if not key.startswith("target_")}
        given = rule_sets.load(before | data)
    if given.target and given.target.spotify_id and _of_id(user, given.target.spotify_id) is None:
        raise Invalid([Problem("no_such_playlist", at="target_playlist_id")])
    return _store(rule or Rule(user=user, key=given.id or rule_key()), given, given.name, now), rule is None


@transaction.atomic
def take_in(*, user: User, sets: Sequence[RuleSet], replace: bool, now: datetime) -> tuple[list[Rule], int]:
    """Import rules: those that changed or are new, and how many were here just so.

    One that is here otherwise, under the same id, is replaced if the person said so; else it comes as a second one.
    Raises Invalid; then nothing was imported.
    """
    stored, same = [], 0
    rules.hold(user)
    for number, given in enumerate(sets):
        here = Rule.objects.of(user).select_related("playlist", "schedule").filter(key=given.id or None).first()
        if here is not None and _is_here(here, given):
            same += 1
            continue
        name, key = given.name, given.id
        if here is not None and not replace:
            name, key, here = _("%(name)s (imported)") % {"name": name[:80]}, "", None
        try:
            stored.append(_store(here or Rule(user=user, key=key or rule_key()), given, name, now))
        except Invalid as exc:
            raise Invalid([rule_sets.within(problem, number) for problem in exc.problems]) from exc
    return stored, same


def _store(rule: Rule, given: RuleSet, name: str, now: datetime) -> Rule:
    rule.name, rule.description, rule.is_enabled = name, given.description, given.enabled
    rule.priority, rule.weight = given.priority, given.weight
    if problems := rules.problems(rule=rule, query=given.query):
        raise Invalid(problems)
    rule.playlist = _target(rule, given.target)
    rules.save(rule=rule, query=given.query)
    if given.when is None:
        Schedule.objects.filter(rule=rule).delete()
    elif given.when != told(rule).when:
        schedules.keep(rule=rule, kind=given.when.kind, hour=given.when.hour, weekday=given.when.weekday, now=now)
    return rule


def _is_here(rule: Rule, given: RuleSet) -> bool:
    """Whether the rule is just so already; its playlist may go by another id where the file comes from."""
    kept = told(rule)
    if kept == given or replace(kept, target=None) != replace(given, target=None):
        return kept == given
    found = _playlist(rule, given.target)
    return found == rule.playlist and (found is not None or given.target is None or not given.target.name)


def _target(rule: Rule, target: Target | None) -> Playlist | None:
    """The person's playlist of that id or name; a new one of the name, not yet at Spotify, where there is none."""
    found = _playlist(rule, target)
    if found is None and target is not None and target.name:
        return Playlist.objects.create(owner=rule.user, name=target.name)
    return found


def _playlist(rule: Rule, target: Target | None) -> Playlist | None:
    """By its id; by its name, where the id is another person's or none. Of several the one that the rule has now."""
    if target is None:
        return None
    if target.spotify_id and (found := _of_id(rule.user, target.spotify_id)):
        return found
    if rule.playlist is not None and rule.playlist.name == target.name:
        return rule.playlist
    return Playlist.objects.of(rule.user).filter(name=target.name).order_by("pk").first() if target.name else None


def _of_id(user: User, spotify_id: str) -> Playlist | None:
    found = Playlist.objects.of(user).filter(spotify_id=spotify_id).first()
    return found or targets.taken_over(user, spotify_id=spotify_id)
