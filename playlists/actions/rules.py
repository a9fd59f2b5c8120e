"""Keeping rules: save what is valid, refuse circles, plan their playlist, copy, forget."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import SpotifyConnection, User
from playlists.actions import sync
from playlists.library_own import asked_rules, rule_sources
from playlists.models import Playlist, Rule, SyncRun
from playlists.rules import schema, validate
from playlists.rules.nodes import Query, conditions
from playlists.rules.problems import Problem
from playlists.rules.storable import is_storable


def problems(*, rule: Rule, query: Query) -> list[Problem]:
    """What forbids saving `query` as this rule: errors of its own, and a circle through others."""
    found = validate.errors(query)
    if not found and not _can_be_kept(schema.dump(query)):
        found = [Problem("bad_text")]
    return found or ([Problem("cycle", node=path, part="value") for path in _circle(rule, query)][:1])


def _can_be_kept(data: object) -> bool:
    """Whether all texts in it are such that a database takes them."""
    if isinstance(data, dict):
        return all(_can_be_kept(each) for pair in data.items() for each in pair)
    if isinstance(data, list):
        return all(map(_can_be_kept, data))
    return not isinstance(data, str) or is_storable(data)


def _circle(rule: Rule, query: Query) -> list[tuple[int, ...]]:
    """The conditions that ask a rule which, in the end, asks this one."""
    sources = rule_sources(rule.user)
    if not asked_rules(query.where, sources):
        return []
    own = {text.casefold() for text in (rule.name, rule.key) if text}
    asks = _asks([other for other in Rule.objects.of(rule.user) if other.pk != rule.pk], sources)
    return [
        path
        for path, asked in conditions(query.where)
        if _reached(asked_rules(type(query.where)("all", (asked,)), sources), asks) & own
    ]


def source_circle(*, user: User, key: str, name: str) -> bool:
    """Whether a rule would ask itself if its result became a source called `name`."""
    sources = rule_sources(user) | {name.casefold(): key.casefold()}
    mine = list(Rule.objects.of(user))
    asks = _asks(mine, sources)
    own = {text.casefold() for rule in mine if rule.key == key for text in (rule.name, rule.key)}
    return bool(_reached(set().union(*(asks.get(text, set()) for text in own)), asks) & own)


def asking(rule: Rule) -> list[Rule]:
    """The person's other rules that ask this one, by its name, its key or its result, where no other goes by that."""
    others = [other for other in Rule.objects.of(rule.user) if other.pk != rule.pk]
    own = {rule.name.casefold(), rule.key.casefold()}
    own -= {text.casefold() for other in others for text in (other.name, other.key)}
    sources = rule_sources(rule.user)
    return [other for other in others if asked_rules(other.query.where, sources) & own]


def _asks(rules: list[Rule], sources: dict[str, str]) -> dict[str, set[str]]:
    """What each rule asks, by its name and key."""
    asked = {rule: asked_rules(rule.query.where, sources) for rule in rules}
    return {text.casefold(): asked[rule] for rule in rules for text in (rule.name, rule.key)}


def _reached(asked: set[str], asks: dict[str, set[str]]) -> set[str]:
    """All rules that are asked in the end."""
    seen, waiting = set[str](), set(asked)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting |= asks.get(name, set())
    return seen


class ChangedMeanwhile(Exception):
    """The rule does not say any more what the person was shown, and they changed it themselves."""


def save(*, rule: Rule, query: Query, fields: Collection[str] | None = None, shown: str | None = None) -> Rule:
    """Write it down. It was checked with `problems`.

    Of one that is kept already only `fields` (all, if none are named) and `query`: what others wrote since it was read
    stays. `shown` is the mark of the rule that the person began with: then `query` is written only if they changed it.
    Raises ChangedMeanwhile; Rule.DoesNotExist if it was deleted.
    """
    touched = set(fields or ())
    rule.body = schema.dump(query)
    rule.__dict__.pop("query", None)
    with transaction.atomic():
        kept = Rule.objects.select_for_update().get(pk=rule.pk) if rule.pk else None
        if kept is None or fields is None:
            rule.save()
            return rule
        if shown is None or rule.mark != shown:
            if shown is not None and kept.mark not in (shown, rule.mark):
                raise ChangedMeanwhile
            touched.add("body")
        rule.save(update_fields=[*touched, "changed_at"])
    return rule


def plan(*, rule: Rule, wanted: Sequence[str], now: datetime) -> SyncRun:
    """Plan what the rule's playlist is to hold; it gets one if it has none. Raises SpotifyError, sync.Refused."""
    with transaction.atomic():
        _lock(rule)
        if rule.playlist is None:
            run = sync.into_new(owner=rule.user, name=rule.name, wanted=wanted, now=now)
            rule.playlist = run.playlist
            rule.save(update_fields=["playlist"])
            return run
    return sync.preview(playlist=rule.playlist, wanted=wanted, now=now)  # reads Spotify: never inside a transaction


def _lock(rule: Rule) -> None:
    """Two at once must not make a playlist each: the second one sees here what the first one made."""
    rule.playlist_id = Rule.objects.select_for_update().values_list("playlist", flat=True).get(pk=rule.pk)


def switch(*, rule: Rule, on: bool) -> None:
    """On or off; one that is off is asked by nobody and writes nothing."""
    rule.is_enabled = on
    rule.save(update_fields=["is_enabled", "changed_at"])


def hold(user: User) -> None:
    """Whoever else changes a rule of theirs waits until this transaction ends."""
    list(Rule.objects.of(user).select_for_update().order_by("pk").values_list("pk"))


@transaction.atomic
def ensure_playlist(rule: Rule) -> Playlist:
    """The playlist that the rule fills; one of its name is made here (at Spotify by its first sync) if it has none.

    One that is not made at Spotify yet takes the account that its owner has connected since. Of its row only that is
    written: a worker may be storing what it made and wrote.
    """
    _lock(rule)
    account = SpotifyConnection.objects.active().filter(user=rule.user).order_by("pk").first()
    if rule.playlist is None:
        rule.playlist = Playlist.objects.create(owner=rule.user, name=rule.name, connection=account)
        rule.save(update_fields=["playlist"])
    elif rule.playlist.connection is None and account is not None:
        Playlist.objects.filter(pk=rule.playlist.pk, connection=None, spotify_id="").update(connection=account)
        rule.playlist.refresh_from_db(fields=["connection", "spotify_id"])
    return rule.playlist


def duplicate(*, rule: Rule, name: str) -> Rule:
    """A copy that writes nowhere until it is told to."""
    copied = ("description", "body", "priority", "weight")
    return Rule.objects.create(
        user=rule.user, name=name[:100], is_enabled=False, **{field: getattr(rule, field) for field in copied}
    )


def forget(*, user: User, connection: SpotifyConnection | None, dry_run: bool) -> dict[str, int]:
    """The eraser of `accounts.actions.depart`. Rules are the person's own words and stay until they leave."""
    rows = [] if connection else [("rules", Rule.objects.of(user))]
    told = {words: found.count() for words, found in rows}
    if not dry_run:
        for _words, found in rows:
            found.delete()
    return told
