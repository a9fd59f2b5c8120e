"""A person's choices out of an export of ours, taken over where they said nothing else here. Safe to repeat."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from accounts.models.person import validate_time_zone
from ingest import names
from ingest.actions import catalogue, hands, naming, record
from ingest.evidence import TrackName
from ingest.importers.choices import ByHand, Choices, Hidden, LeftOut, Thing
from ingest.models import (
    Album,
    Artist,
    Counting,
    HandPlay,
    HiddenPlay,
    ListeningFilter,
    OwnGrouping,
    Track,
    Word,
)

Kind = ListeningFilter.Kind
Tracks = dict[TrackName, int]


@transaction.atomic
def apply(*, user: User, choices: Choices, now: datetime) -> None:
    """What counts is taken over by a person who has not chosen here; all else is added to what they said here."""
    record.locked_ledger(user)
    tracks = _tracks(_things(choices))
    _clock(user, choices)
    _counting(user, choices)
    for told in choices.left_out:
        value = _value(told, tracks)
        if value:
            ListeningFilter.objects.get_or_create(user=user, kind=told.kind, value=value)
    for joined in choices.recordings:
        track, other = tracks[name_of(joined.track)], tracks[name_of(joined.other)] if joined.other else None
        if track != other and (other or not joined.is_same):
            standing = OwnGrouping.objects.of(user).standing().filter(track=track, other=other)
            if not standing.exists():
                OwnGrouping.objects.create(
                    user=user, track_id=track, other_id=other, is_same=joined.is_same, made_at=joined.made_at
                )
    _by_hand(user, choices.by_hand, tracks, now)
    _hide(user, choices.hidden, tracks)


def _clock(user: User, choices: Choices) -> None:
    """Days and weeks are those of where the plays come from, for a person who has not said which theirs are."""
    if user.time_zone_is_known or not choices.time_zone:
        return
    try:
        validate_time_zone(choices.time_zone)
    except ValidationError:
        return
    user.time_zone, user.time_zone_is_known = choices.time_zone, True
    user.week_starts_on = choices.week_starts_on
    user.save(update_fields=["time_zone", "time_zone_is_known", "week_starts_on"])


def _counting(user: User, choices: Choices) -> None:
    fields = {field.name for field in Counting._meta.fields} - {"user"}
    chosen = Counting(user=user, **{name: value for name, value in choices.counting.items() if name in fields})
    try:
        chosen.full_clean(exclude=["user"], validate_unique=False)
    except ValidationError:
        return
    if not Counting.objects.filter(user=user).exists():
        chosen.save(force_insert=True)


def _by_hand(user: User, told: list[ByHand], tracks: Tracks, now: datetime) -> None:
    words = []
    for each in told:
        was = each.was
        word, made = HandPlay.objects.get_or_create(
            user=user,
            act=each.act,
            defaults={
                "track_id": tracks[name_of(each)],
                "started_at": each.started_at,
                "ms_played": each.ms_played,
                "is_estimate": each.is_estimate,
                "was_track_id": tracks[name_of(was)] if was else None,
                "was_started_at": was.started_at if was else None,
                "was_ended_at": was.ended_at if was else None,
                "was_ms_played": was.ms_played if was else None,
                "was_estimate": was.is_estimate if was else False,
                "was_origin": was.origin if was else None,
                "made_at": each.made_at,
            },
        )
        if made:
            hands.keep_out(word)
            words.append(word)
    # Their plays are in the export too, with more details; told again they are the same events.
    record.plays(user=user, evidence=[hands.told(word) for word in words], now=now)


def _hide(user: User, told: list[Hidden], tracks: Tracks) -> None:
    fields = ("track_id", "started_at", "ended_at", "removed", "replaced")
    there = set(HiddenPlay.objects.filter(user=user).standing().values_list(*fields))
    rows = []
    for each in told:
        mark = (tracks[name_of(each)], each.started_at, each.ended_at, each.removed, each.replaced)
        if mark not in there:
            there.add(mark)
            rows.append(
                HiddenPlay(user=user, **dict(zip(fields, mark, strict=True)), act=each.act, made_at=each.made_at)
            )
    HiddenPlay.objects.bulk_create(rows, batch_size=1_000)


def _value(told: LeftOut, tracks: Tracks) -> int:
    """What a filter names here; 0 if nothing."""
    if told.kind == Kind.HOURS:
        bits = sum(1 << hour for hour in set(told.hours))
        return bits if bits != (1 << 24) - 1 else 0
    if told.kind in (Kind.CONTEXT, Kind.PLATFORM) and told.text:
        kind = Word.Kind.CONTEXT if told.kind == Kind.CONTEXT else Word.Kind.PLATFORM
        return catalogue.words(kind, [told.text])[told.text]
    if not told.name:
        return 0
    if told.kind == Kind.TRACK:
        return tracks[name_of(_of_filter(told))]
    if told.kind == Kind.ARTIST:
        found = Artist.objects.filter(spotify_id=told.spotify_id or None).first() if told.spotify_id else None
        return found.pk if found else naming.artists_named({told.name}).get(names.key(told.name), 0)
    if told.kind == Kind.ALBUM:
        albums = Album.objects.filter(spotify_id=told.spotify_id) if told.spotify_id else Album.objects.none()
        named = Album.objects.filter(name_key=names.key(told.name), artist__name_key=names.key(told.artist))
        album = albums.first() or named.order_by("id").first()
        return album.pk if album else 0
    return 0


def _of_filter(told: LeftOut) -> Thing:
    return Thing(told.name or "", told.artist, told.album, told.spotify_id)


def _things(choices: Choices) -> Iterable[Thing]:
    yield from choices.by_hand
    yield from (each.was for each in choices.by_hand if each.was)
    yield from choices.hidden
    for joined in choices.recordings:
        yield joined.track
        if joined.other:
            yield joined.other
    yield from (_of_filter(told) for told in choices.left_out if told.kind == Kind.TRACK)


def _tracks(things: Iterable[Thing]) -> Tracks:
    wanted = list(dict.fromkeys(name_of(thing) for thing in things))
    return dict(zip(wanted, naming.tracks(wanted), strict=True)) if wanted else {}


def name_of(thing: Thing) -> TrackName:
    """By which names or id it is found here."""
    return TrackName(Track.Kind(thing.kind), thing.spotify_id or None, thing.title, thing.artist, thing.album)
