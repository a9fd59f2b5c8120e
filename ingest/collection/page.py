"""What the tracks page shows of each row: names, where it comes from, and what is known of it by whose word."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ingest.collection.address import kind_words
from ingest.collection.filters import HEARD, LIKED
from ingest.collection.rows import KINDS, MEASURED, Collection
from ingest.facts import LLM
from ingest.heard import FEATURES
from ingest.models import AudioFeatures, OwnFact, Tag, Track, TrackSource, TrackTag
from ingest.own import YEAR

SIGNS = {"known": "●", "estimate": "≈", "model": "✦", "missing": "○"}
NAMED = 2  # playlists that a row names; of the others it tells how many


@dataclass(frozen=True, slots=True)
class Mark:
    """Whether something of one kind is known: `state` is known, estimate, model or missing."""

    kind: str
    label: str
    state: str
    words: str

    @property
    def sign(self) -> str:
        """To be seen without colour."""
        return SIGNS[self.state]


@dataclass(frozen=True, slots=True)
class Source:
    """One badge: `kind` is listening, liked or playlist."""

    kind: str
    words: str
    pk: int = 0

    @property
    def href(self) -> str:
        """The tracks of that list."""
        return f"?list={self.pk}"


@dataclass(frozen=True, slots=True)
class Row:
    track: Track
    is_heard: bool
    plays: int
    sources: list[Source]
    more: int  # playlists that are not named
    marks: list[Mark]
    year: int  # 0: not known


def shown(collection: Collection, rows: Sequence[int]) -> list[Row]:
    """A constant number of queries."""
    ids = collection.track[list(rows)].tolist()
    tracks = Track.objects.select_related("artist", "album").in_bulk(ids)
    states = _states(collection, rows)
    sources = _sources(collection, rows)
    years = _years(collection, rows)
    words, labels = state_words(), kind_words()
    told = []
    for place, (row, pk) in enumerate(zip(rows, ids, strict=True)):
        if pk not in tracks:
            continue  # it was merged into another a moment ago
        marks = [Mark(kind, labels[kind], states[kind][place], words[states[kind][place]]) for kind in KINDS]
        lists = [each for each in sources[place] if each.kind not in (HEARD, LIKED)]
        badges = [each for each in sources[place] if each.kind in (HEARD, LIKED)] + lists[:NAMED]
        plays = int(collection.plays[row])
        more = len(lists) - len(lists[:NAMED])
        told.append(Row(tracks[pk], bool(collection.is_heard[row]), plays, badges, more, marks, years[place]))
    return told


def state_words() -> dict[str, str]:
    return {
        "known": pgettext("knowledge", "known"),
        "estimate": pgettext("knowledge", "estimated"),
        "model": pgettext("knowledge", "said by a language model"),
        "missing": pgettext("knowledge", "missing"),
    }


def _states(collection: Collection, rows: Sequence[int]) -> dict[str, list[str]]:
    """The state of each kind for each row."""
    knows = {kind: collection.knows(kind)[list(rows)] for kind in (*KINDS, MEASURED)}
    states = {kind: ["known" if known else "missing" for known in knows[kind].tolist()] for kind in KINDS}
    for place, (known, measured) in enumerate(zip(knows["sound"], knows[MEASURED], strict=True)):
        if known and not measured:
            states["sound"][place] = "estimate"
    ids = collection.track[list(rows)].tolist()
    own = knows["own"].tolist()
    for kind, of_kind in (("genres", Tag.Kind.GENRE), ("moods", Tag.Kind.MOOD)):
        by_model = _by_model(collection, rows, of_kind)
        for place, pk in enumerate(ids):
            if pk in by_model and states[kind][place] == "known" and not own[place]:
                states[kind][place] = "model"
    said = AudioFeatures.objects.filter(track__in=ids).values_list("track_id", "sources")
    for pk, sources in said:
        of_sound = {sources[name] for name in FEATURES if name in sources}
        if of_sound == {LLM}:
            states["sound"][ids.index(pk)] = "model"
    return states


def _by_model(collection: Collection, rows: Sequence[int], kind: int) -> set[int]:
    """Tracks whose tags of that kind are a language model's alone."""
    ids = collection.track[list(rows)].tolist()
    found: dict[int, set[str]] = {}
    said = TrackTag.objects.filter(track__in=ids, tag__kind=kind).values_list("track_id", "source")
    for pk, source in said:
        found.setdefault(pk, set()).add(source)
    return {pk for pk, sources in found.items() if sources == {LLM}}


def _years(collection: Collection, rows: Sequence[int]) -> list[int]:
    """As a rule asks it: of what the person says of any version of a recording, the last word, else the album's."""
    years = dict(zip(rows, collection.rack.year[collection.first[list(rows)]].tolist(), strict=True))
    versions = collection.versions(np.array(rows, dtype=np.intp)).tolist()
    said = OwnFact.objects.of(collection.user).filter(field=YEAR, track__in=versions).order_by("made_at", "id")
    for track, year in said.values_list("track_id", "value"):
        years[collection.row_of(track)] = year
    return [years[row] for row in rows]


def _sources(collection: Collection, rows: Sequence[int]) -> list[list[Source]]:
    """Where each row comes from: what was heard, likes, then playlists by name."""
    found: list[list[Source]] = [[] for _row in rows]
    spots = np.array(rows, dtype=np.intp)

    def add(inside: Iterable[bool], source: Source) -> None:
        for place, is_inside in enumerate(inside):
            if is_inside:
                found[place].append(source)

    add(collection.is_heard[spots].tolist(), Source(HEARD, _("Heard")))
    kinds = TrackSource.Kind
    liked = [pk for pk, each in collection.lists.items() if each.kind == kinds.LIKED]
    add(collection.is_in(liked)[spots].tolist(), Source(LIKED, _("Liked")))
    lists = sorted(collection.lists.values(), key=lambda each: (each.name.casefold(), each.pk))
    inside = collection.within(spots)
    for each in lists:
        if each.kind != kinds.LIKED and each.pk in inside:
            add(inside[each.pk].tolist(), Source(each.kind, str(each), each.pk))
    return found
