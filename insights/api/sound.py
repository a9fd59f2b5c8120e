"""How the heard music sounds, and how wide it is."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from insights.actions.sound import Sound
from insights.actions.stretch import Stretch
from insights.analysis import dayparts, features
from insights.api.asked import AUTH, Asked, Basis, Range

router = Router()


class SoundFeature(Schema):
    name: str
    mean: float | None = Field(None, description="weighted by plays; 0 to 1, or the unit in the name")
    spread: float | None = Field(None, description="standard deviation over the plays")
    least: float | None
    most: float | None
    plays: int = Field(..., description="for which it is known")
    tracks: int


class RadarOut(Schema):
    axes: list[str]
    period: list[float | None]
    ever: list[float | None] = Field(..., description="the means of all time")


class MoodsOut(Schema):
    plays: dict[str, int] = Field(..., description="a play may have several moods")
    other: int = Field(..., description="known, and none of the moods")
    unknown: int
    known: int


class SoundGenre(Schema):
    id: int
    name: str
    plays: int
    share: float = Field(..., description="of the ten biggest, over which the shares add up to 1")


class HipsterOut(Schema):
    score: float | None = Field(None, description="0 to 100; null under 20 known plays")
    source: str = Field(
        ...,
        description="listeners: 100 × (1 − mean over plays of log(1 + listeners) / log(1 + 10,000,000)); "
        "popularity: 100 − mean popularity",
    )
    known: int = Field(..., description="plays that the source told something of")
    plays: int


class DiversityOut(Schema):
    artists: int
    artist_diversity: float = Field(..., description="distinct artists / 50, at most 1")
    genre_diversity: float | None = Field(
        None, description="entropy of the shares of the ten biggest genres / 3.32, at most 1; null without genres"
    )
    genres_known: int = Field(..., description="plays of which a genre is known")
    repeat_share: float | None = Field(None, description="plays that were not the first of their track in the range")
    new_artists: int = Field(..., description="never heard before the range")
    new_artist_plays: int


class SoundPart(Schema):
    name: str = Field(..., description="morning 5–12, afternoon 12–17, evening 17–22, night 22–5")
    plays: int
    ms: int


class SoundOut(Schema):
    basis: Basis
    plays: int
    features_known: int = Field(..., description="plays of which at least one feature is known")
    features: list[SoundFeature]
    radar: RadarOut
    moods: MoodsOut
    genres: list[SoundGenre]
    hipster: HipsterOut
    diversity: DiversityOut
    day_parts: list[SoundPart]


@router.get("/sound", response=SoundOut, auth=AUTH, summary="How it sounds: features, moods, genres, diversity")
def sound(request: HttpRequest, words: Query[Range]) -> dict[str, Any]:
    asked = Asked(request, words)
    stretch = Stretch(asked.reading, asked.period)
    found = Sound(stretch, asked.today)
    radar = features.radar(found.measured, found.measured_ever)
    return {
        "basis": asked.basis,
        "plays": found.plays,
        "features_known": found.measured.plays,
        "features": found.measured.measures,
        "radar": {"axes": features.RADAR, "period": radar.period, "ever": radar.ever},
        "moods": found.moods,
        "genres": [
            {"id": row.tag.pk, "name": row.tag.name, "plays": row.plays, "share": row.share} for row in found.genres
        ],
        "hipster": found.hipster,
        "diversity": {
            "artists": found.artists,
            "artist_diversity": found.artist_diversity,
            "genre_diversity": found.genre_diversity,
            "genres_known": found.genre_known,
            "repeat_share": found.repeat_share,
            "new_artists": found.newness.artists,
            "new_artist_plays": found.newness.plays,
        },
        "day_parts": dayparts.parts(stretch.heard),
    }
