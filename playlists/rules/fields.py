"""What a rule may ask about a track: one registry, for validation, builder, typed query and help alike.

A field that is not in here may be asked too (a category of somebody's own enrichment); nothing is known of its type.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

Type = Literal["text", "number", "integer", "boolean", "date", "duration", "tags", "membership"]
NUMERIC: tuple[Type, ...] = ("number", "integer", "duration")
WORDY: tuple[Type, ...] = ("text", "tags", "membership")


def gettext_noop(text: str) -> str:
    """Mark a text for translation; whoever shows it translates it."""
    return text


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to ask. Lies between `low` and `high`. `unit` and `label` are English, marked for translation."""

    name: str
    type: Type
    label: str
    personal: bool = False
    unit: str = ""
    low: float | None = None
    high: float | None = None
    examples: tuple[str, ...] = ()  # as written in a typed query
    from_plays: bool = True  # known wherever there are plays, or imports; others need a provider or Spotify


_ = gettext_noop


def _feature(name: str, label: str, example: str) -> Field:
    return Field(name, "number", label, low=0, high=1, examples=(example,), from_plays=False)


_ALL = (
    Field("text", "text", _("Title, artist or album"), examples=("radiohead",)),
    Field("title", "text", _("Title"), examples=("love", '"Love Song"')),
    Field("artist", "text", _("Artist"), examples=("radiohead", '"Nina Simone"')),
    Field("album", "text", _("Album"), examples=("live",)),
    Field("year", "integer", _("Year of the album"), low=1000, high=9999, examples=("1990..1999", "2024")),
    Field("decade", "integer", _("Decade of the album"), low=1000, high=9990, examples=("1980",)),
    Field("released", "date", _("Album came out"), examples=(">2020-06-01", "365d")),
    Field("duration", "duration", _("Length"), unit=_("minutes"), low=0, examples=("..4:00", "2:30..3:30")),
    Field("explicit", "boolean", _("Explicit"), examples=("yes", "no"), from_plays=False),
    Field("isrc", "text", _("ISRC"), examples=("GB*",), from_plays=False),
    Field("popularity", "integer", _("Popularity"), low=0, high=100, examples=("..40",), from_plays=False),
    Field("listeners", "integer", _("Listeners everywhere"), low=0, examples=("..50000",), from_plays=False),
    Field("genre", "tags", _("Genre"), examples=("rock", "(rock, metal)"), from_plays=False),
    Field("mood", "tags", _("Mood"), examples=("calm", "(happy, calm)"), from_plays=False),
    _feature("energy", _("Energy"), "..0.4"),
    _feature("valence", _("Cheerfulness"), "0.6.."),
    _feature("danceability", _("Danceability"), "0.7.."),
    _feature("acousticness", _("Acousticness"), "0.5.."),
    _feature("instrumentalness", _("No singing"), "0.7.."),
    _feature("liveness", _("Live sound"), "..0.3"),
    _feature("speechiness", _("Spoken words"), "..0.3"),
    Field(
        "tempo_bpm",
        "number",
        _("Tempo"),
        unit=_("beats a minute"),
        low=0,
        high=400,
        examples=("120..130",),
        from_plays=False,
    ),
    Field("loudness_db", "number", _("Loudness"), unit="dB", low=-100, high=10, examples=("-12..",), from_plays=False),
    Field("key", "integer", _("Key (0 is C, 11 is B)"), low=0, high=11, examples=("0",), from_plays=False),
    Field("mode", "integer", _("Mode (1 major, 0 minor)"), low=0, high=1, examples=("1",), from_plays=False),
    Field("time_signature", "integer", _("Beats in a bar"), low=1, high=16, examples=("3",), from_plays=False),
    Field("language", "text", _("Language sung"), examples=("=fr",), from_plays=False),
    Field("theme", "tags", _("Theme of the words"), examples=("love",), from_plays=False),
    Field("added", "date", _("Added to your library"), personal=True, examples=("30d",), from_plays=False),
    Field("plays", "integer", _("Times played"), personal=True, low=0, examples=("10..", "0")),
    Field("last_heard", "date", _("Last heard"), personal=True, examples=("<-6m", "7d")),
    Field("first_heard", "date", _("First heard"), personal=True, examples=("30d", "<2015-01-01")),
    Field("skip_rate", "number", _("Share skipped"), personal=True, low=0, high=1, examples=("..0.2",)),
    Field("liked", "boolean", _("Liked"), personal=True, examples=("yes",), from_plays=False),
    Field("rating", "integer", _("Your rating"), personal=True, low=1, high=5, examples=("4..",), from_plays=False),
    Field("label", "tags", _("Your labels"), personal=True, examples=('"road trip"',), from_plays=False),
    Field("playlist", "membership", _("In playlist"), personal=True, examples=('"Road trip"',), from_plays=False),
    Field("rule", "membership", _("Found by your rule"), personal=True, examples=('"Calm evening"',)),
    Field("source", "membership", _("Comes from"), personal=True, examples=("liked", "listening", "forgotten")),
)
REGISTRY = {field.name: field for field in _ALL}
ALIASES = {
    "name": "title", "track": "title", "artist_name": "artist", "album_name": "album", "length": "duration",
    "release_date": "released", "tempo": "tempo_bpm", "bpm": "tempo_bpm", "loudness": "loudness_db", "genres": "genre",
    "tag": "genre", "tags": "genre", "moods": "mood", "added_at": "added", "play_count": "plays",
    "last_played": "last_heard", "heard": "last_heard", "first_played": "first_heard", "is_liked": "liked",
    "in_playlist": "playlist", "in_rule": "rule", "themes": "theme", "labels": "label",
}  # fmt: skip
WINDOW = re.compile(r"plays_([1-9]\d{0,3})d", re.ASCII)  # plays_30d: times played in the last 30 days
_WINDOW = Field("plays_30d", "integer", _("Times played in the last days"), personal=True, low=0, examples=("5..",))
ORDERABLE: tuple[Type, ...] = ("text", "number", "integer", "duration", "date", "boolean")


def canonical(name: str) -> str:
    """The registry's name for a field that goes by several."""
    return ALIASES.get(name, name)


def find(name: str) -> Field | None:
    """The field of that name or alias; None for one that nothing is known of."""
    name = canonical(name)
    if WINDOW.fullmatch(name):
        return replace(_WINDOW, name=name)
    return REGISTRY.get(name)


def type_of(name: str) -> Type | None:
    field = find(name)
    return field.type if field else None


def window_days(name: str) -> int | None:
    """30 for plays_30d; None for another field."""
    found = WINDOW.fullmatch(canonical(name))
    return int(found[1]) if found else None
