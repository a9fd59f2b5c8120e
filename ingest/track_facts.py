"""What is known of one track for one person: every value, who said it, when and how surely, and which one counts."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from ingest import facts, own
from ingest.actions.accept import said_of
from ingest.facts import ESTIMATE, LLM, Beside
from ingest.heard import FEATURES
from ingest.models import ArtistTag, OwnFact, Tag, Track
from ingest.providers import registry

SIGNS = {ESTIMATE: "≈", LLM: "✦"}
NOTES: dict[str, Promise] = {
    ESTIMATE: gettext_lazy("estimated from its genres"),
    LLM: gettext_lazy("a language model’s guess"),
}
_KEYS = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
_CORRECTED = ("genres", "moods", own.YEAR, *FEATURES)  # own words that stand with those of providers
_SHARES = tuple(name for name in FEATURES if name not in ("tempo_bpm", "loudness_db"))


@dataclass(frozen=True, slots=True)
class Line:
    """One word on one thing: what was said, by whom, and whether it counts."""

    value: str
    by: str
    wins: bool
    sign: str = ""
    note: str = ""
    version: int | None = None  # None: the person's own
    confidence: float | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """One field, or one genre, mood or tag, with all words on it, what counts first."""

    label: str
    lines: list[Line]
    field: str = ""  # the person's own field, if it can be taken back


@dataclass(frozen=True, slots=True)
class Section:
    label: str
    things: list[Thing]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A provider that was asked and knows nothing of it."""

    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class TrackFacts:
    track: Track
    sections: list[Section]
    silent: list[Asked]
    own: list[Thing] = field(default_factory=list)  # what the person said, to be taken back

    @property
    def is_empty(self) -> bool:
        return not any(section.things or section.note for section in self.sections)


def of(user: User, track: Track) -> TrackFacts:
    """A handful of queries."""
    said = said_of("track", track.pk)
    mine = {fact.field: fact for fact in OwnFact.objects.of(user).filter(track=track).order_by("field")}
    by_field = facts.beside(said)
    by_word = facts.words_beside(said)
    numbers = [_thing(name, by_field.get(name, []), mine.get(name)) for name in (*FEATURES, "key", "mode")]
    reach = [_thing(name, by_field.get(name, []), None) for name in ("listeners", "popularity")]
    genres = _words(by_word.get(Tag.Kind.GENRE, {}), mine.get("genres"))
    sections = [
        Section(_("Sound"), [each for each in numbers if each]),
        Section(_("Genres"), genres, "" if genres else _of_artist(track)),
        Section(_("Moods"), _words(by_word.get(Tag.Kind.MOOD, {}), mine.get("moods"))),
        Section(_("Tags"), _words(by_word.get(Tag.Kind.TAG, {}), None)),
        Section(_("How widely it is heard"), [each for each in reach if each]),
        Section(_("Words sung"), _lyrics(said)),
        Section(own.words(own.YEAR), _years(track, said, mine.get(own.YEAR))),
        Section(_("Your labels"), [_own(fact) for name, fact in mine.items() if name not in _CORRECTED]),
    ]
    silent = [Asked(registry.label(each.provider), each.at) for each in said if not each.values]
    return TrackFacts(track, sections, silent, [_own(fact) for fact in mine.values()])


def shown(name: str, value: Any) -> str:
    """A number as people read it."""
    if name in _SHARES:
        return _("%(number)s%%") % {"number": round(100 * value)}
    if name == "key":
        return _KEYS[int(value)]
    if name == "mode":
        return _("major") if value else _("minor")
    number = formats.number_format(round(value, 1) if value % 1 else int(value), use_l10n=True, force_grouping=True)
    units = {"tempo_bpm": _("%(number)s beats a minute"), "loudness_db": "%(number)s dB"}
    return units.get(name, "%(number)s") % {"number": number}


def _thing(name: str, rows: list[Beside], mine: OwnFact | None) -> Thing | None:
    lines = [_line(row, shown(name, row.value)) for row in rows]
    if mine is not None:
        lines = [_mine(mine, shown(name, mine.value)), *(replace(line, wins=False) for line in lines)]
    return Thing(own.words(name), lines, mine.field if mine else "") if lines else None


def _words(found: dict[str, list[Beside]], mine: OwnFact | None) -> list[Thing]:
    """One for each name; the person's own list stands alone, so that names beside it do not count."""
    things = []
    names = list(mine.value) if mine is not None else []
    for name in [*names, *(name for name in found if name not in names)]:
        lines = [_line(row, _("%(number)s%%") % {"number": round(100 * row.value)}) for row in found.get(name, [])]
        if mine is not None:
            lines = [replace(line, wins=False) for line in lines]
            lines = [_mine(mine, _("yes")), *lines] if name in names else lines
        things.append(Thing(name, lines, "" if mine is None else mine.field))
    return things


def _lyrics(said: Iterable[facts.Said]) -> list[Thing]:
    things = []
    rows = [each for each in reversed(facts.ordered(said)) if isinstance(each.values.get("lyrics"), dict)]
    for place, each in enumerate(rows):
        told = each.values["lyrics"]
        count = told.get("words") or 0
        values = [
            (_("Language"), told.get("language") or ""),
            (_("Words"), formats.number_format(count, force_grouping=True) if count else _("none: instrumental")),
            (_("Themes"), ", ".join(map(str, told.get("themes") or ()))),
            (_("Explicit words"), str(told.get("explicit_words") or "")),
        ]
        for label, value in values:
            if value:
                row = Beside(each.provider, each.version, each.confidence, value, place == 0, each.at)
                things.append(Thing(label, [_line(row, value)]))
    return things


def _years(track: Track, said: Iterable[facts.Said], mine: OwnFact | None) -> list[Thing]:
    """The person's own word counts, else the year of the album; what providers remember stands beside."""
    lines = [_mine(mine, str(mine.value))] if mine else []
    of_album = track.album.released_on[:4] if track.album else ""
    if of_album.isdecimal() and int(of_album):
        lines.append(Line(of_album, _("Album"), mine is None))
    rows = [each for each in facts.ordered(said) if isinstance(each.values.get("year"), int)]
    told = [Beside(each.provider, each.version, each.confidence, each.values["year"], False, each.at) for each in rows]
    lines += [_line(row, str(row.value)) for row in told]
    return [Thing(own.words(own.YEAR), lines, own.YEAR if mine else "")] if lines else []


def _of_artist(track: Track) -> str:
    """Which genres of its artist stand in."""
    rows = ArtistTag.objects.filter(artist=track.artist_id, tag__kind=Tag.Kind.GENRE).order_by("-weight", "tag_id")
    names = [f"{name} ({registry.label(source)})" for name, source in rows.values_list("tag__name", "source")[:6]]
    return _("None of its own; those of its artist count: %(names)s.") % {"names": ", ".join(names)} if names else ""


def _own(fact: OwnFact) -> Thing:
    return Thing(own.words(fact.field), [_mine(fact, own.told(fact.value))], fact.field)


def _mine(fact: OwnFact, value: str) -> Line:
    return Line(value, _("You"), True, at=fact.made_at)


def _line(row: Beside, value: str) -> Line:
    name = row.provider
    note = str(NOTES.get(name, ""))
    label = registry.label(name)
    return Line(value, label, row.wins, SIGNS.get(name, ""), note, row.version, row.confidence, row.at)
