"""A person's choices as an export of ours holds them: what counts, what is left out, hidden, joined, by hand. Pure."""

from datetime import datetime
from typing import Annotated

import msgspec
from django.utils.translation import gettext as _
from msgspec import Meta

from ingest import names
from ingest.importers.archive import WHOLE_BYTES, Unreadable
from ingest.importers.rows import Stream

NAME = "choices.json"
Moment = Annotated[datetime, Meta(tz=True)]
Act = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Length = Annotated[int, Meta(ge=0, le=24 * 3600 * 1000)]
SpotifyId = Annotated[str, Meta(pattern=r"^([0-9A-Za-z]{22})?$")]
Name = Annotated[str, Meta(max_length=2_000)]


class Thing(msgspec.Struct, frozen=True):
    """A track as it is called, so that it is found on any server."""

    title: Name = ""
    artist: Name = ""
    album: Name = ""
    spotify_id: SpotifyId | None = ""
    kind: Annotated[int, Meta(ge=0, le=3)] = 0

    @property
    def is_named(self) -> bool:
        """Whether it tells a track at all."""
        return bool(self.spotify_id or names.clean(self.title))


class LeftOut(msgspec.Struct):
    kind: str
    name: Name | None = None
    artist: Name = ""
    album: Name = ""
    spotify_id: SpotifyId = ""
    text: Name | None = None
    hours: list[Annotated[int, Meta(ge=0, le=23)]] = []


class Joined(msgspec.Struct):
    track: Thing
    other: Thing | None
    is_same: bool
    made_at: Moment


class Was(Thing, frozen=True, kw_only=True):
    started_at: Moment
    ended_at: Moment
    ms_played: Length
    is_estimate: bool = False
    origin: Annotated[int, Meta(ge=0, le=6)]


class ByHand(Thing, frozen=True, kw_only=True):
    started_at: Moment
    ms_played: Length
    is_estimate: bool = False
    was: Was | None = None
    act: Act
    made_at: Moment


class Hidden(Thing, frozen=True, kw_only=True):
    started_at: Moment
    ended_at: Moment
    removed: bool = False
    replaced: bool = False
    act: Act
    made_at: Moment


class Choices(msgspec.Struct):
    counting: dict[str, str | int | bool]
    time_zone: Annotated[str, Meta(max_length=64)] = ""  # empty: the person never said one
    week_starts_on: Annotated[int, Meta(ge=1, le=7)] = 1
    left_out: list[LeftOut] = []
    recordings: list[Joined] = []
    by_hand: list[ByHand] = []
    hidden: list[Hidden] = []


def read(stream: Stream) -> Choices:
    """Those about tracks that are told. Raises Unreadable if these are no choices of ours."""
    raw = stream.read(WHOLE_BYTES + 1)
    if len(raw) > WHOLE_BYTES:
        raise Unreadable(_("Not read: these choices are too large to be of an export of ours."))
    try:
        told = msgspec.json.decode(raw, type=Choices)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Unreadable(_("Not read: these are no choices of an export of ours.")) from None
    told.left_out = [
        each for each in told.left_out if each.kind != "track" or each.spotify_id or names.clean(each.name)
    ]
    told.recordings = [each for each in told.recordings if _are_named(each.track, each.other)]
    told.by_hand = [each for each in told.by_hand if _are_named(each, each.was)]
    told.hidden = [each for each in told.hidden if each.is_named]
    return told


def _are_named(one: Thing, other: Thing | None) -> bool:
    return one.is_named and (other is None or other.is_named)
