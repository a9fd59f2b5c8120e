"""First draft of the catalogue: acts, recordings and which album carries which recording, before ids and features."""

from __future__ import annotations

import random
from datetime import date, timedelta

from . import names
from .chance import dice
from .genres import GENRES, Genre
from .model import Size
from .names import TONGUES, Tongue

LAST_RELEASE = date(2026, 11, 13)
EPOCH = date(1970, 1, 1).toordinal()
PEOPLE = {Size.FULL: 2150, Size.SMALL: 104}
LABELS = (
    "Lantern Street Records",
    "Hollow Oak",
    "Parallel Sea",
    "Самиздат Звук",
    "Kirschkern Tonträger",
    "夜光レコード",
    "Casa Tranvía",
    "Nile Cassette",
    "Third Floor Music",
    "Independent",
    "Blåbär Grammofon",
)
LIVE = ("Live at {}", "Live from {}", "Live in {}", "{} Sessions (Live)")


class Act:
    """One artist while the world is drawn."""

    def __init__(self, index: int, name: str, genre: Genre, tongue: Tongue, chance: random.Random) -> None:
        self.index = index
        self.name = name
        self.genre = genre
        self.tongue = tongue
        self.country = chance.choice(tongue.countries)
        self.debut = min(2025, int(genre.since + chance.betavariate(1.7, 1.15) * (2026 - genre.since)))
        self.years = min(2026 - self.debut, 1 + int(chance.lognormvariate(2.6, 0.7)))  # between first and last record
        self.fame = min(1.0, chance.paretovariate(1.7) / 12)  # few are known to all
        self.registrant = "".join(chance.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(3))
        self.label = chance.choice(LABELS)
        self.designation = chance.randrange(100, 4000)
        self.recordings: list[Recording] = []


class Recording:
    """One performance, whatever ids it is sold under."""

    __slots__ = ("act", "duration_ms", "explicit", "fame", "guests", "index", "isrc", "live", "title")

    def __init__(self, index: int, act: Act, title: str, year: int, chance: random.Random, live: bool = False) -> None:
        self.index = index
        self.act = act
        self.title = title
        self.live = live
        self.isrc = next_isrc(act, year, chance)
        seconds = act.genre.seconds * chance.lognormvariate(0, 0.22) * (1.15 if live else 1)
        self.duration_ms = max(21_000, int(seconds * 1000) + chance.randrange(1000))
        if chance.random() < 0.012:
            self.duration_ms = chance.randrange(9_000, 34_000)  # skits and interludes: shorter than 30 s counts too
        self.explicit = chance.random() < (0.45 if act.genre.name == "hip hop" else 0.06)
        self.fame = act.fame * chance.betavariate(1.3, 2.2) * 1.6
        self.guests: tuple[int, ...] = ()


class Pressing:
    """One album, single or compilation while the world is drawn: (recording, name on the sleeve, isrc) in order."""

    def __init__(self, act: Act | None, name: str, kind: str, released: date, label: str, genre: str) -> None:
        self.act = act
        self.name = name
        self.kind = kind
        self.released = released
        self.label = label
        self.genre = genre
        self.lines: list[tuple[Recording, str, str]] = []

    def carry(self, recording: Recording, name: str | None = None, isrc: str | None = None) -> None:
        self.lines.append((recording, name or recording.title, isrc or recording.isrc))


def next_isrc(act: Act, year: int, chance: random.Random) -> str:
    act.designation += chance.randrange(1, 4)
    return f"{act.country}{act.registrant}{year % 100:02d}{act.designation % 100000:05d}"


class Studio:
    """Draws every act and what it put out, one act after the other, each from its own chance."""

    def __init__(self, salt: str, size: Size) -> None:
        self.salt = salt
        self.acts: list[Act] = []
        self.recordings: list[Recording] = []
        self.pressings: list[Pressing] = []
        genres = list(GENRES.values())
        shares = [genre.share for genre in genres]
        for index in range(PEOPLE[size]):
            chance = dice(salt, "act", index)
            genre = genres[index] if index < len(genres) else chance.choices(genres, shares)[0]
            tongue = TONGUES[chance.choice(genre.tongues)]
            odd = index - len(genres)
            name = names.ODD_ARTISTS[odd] if 0 <= odd < len(names.ODD_ARTISTS) else names.artist(chance, tongue)
            self.acts.append(Act(index, name, genre, tongue, chance))
        for act in self.acts:
            self._career(act, dice(salt, "career", act.index))
        self._compilations(dice(salt, "compilations"))

    def _record(self, act: Act, year: int, chance: random.Random, taken: set[str], live_of: str = "") -> Recording:
        title = live_of
        while not title or (title in taken and not live_of):
            title = names.title(chance, act.tongue) + ("" if len(taken) < 150 else f" {len(taken)}")
        taken.add(title)
        recording = Recording(len(self.recordings), act, title, year, chance, live=bool(live_of))
        if chance.random() < 0.13 and act.genre.name != "classical":
            self._invite(recording, chance)
        self.recordings.append(recording)
        act.recordings.append(recording)
        return recording

    def _invite(self, recording: Recording, chance: random.Random) -> None:
        """Give a recording one to four guests; half the time the title says so too."""
        count = chance.choices((1, 2, 3, 4), (70, 20, 7, 3))[0]
        picked = {chance.randrange(len(self.acts)): None for _ in range(count)}
        recording.guests = tuple(index for index in picked if index != recording.act.index)
        if recording.guests and chance.random() < 0.5:
            guests = " & ".join(self.acts[index].name for index in recording.guests[:2])
            word = chance.choice(("(feat. {})", "(with {})", "[feat. {}]", "- feat. {}"))
            recording.title = f"{recording.title} {word.format(guests)}"

    def _career(self, act: Act, chance: random.Random) -> None:
        start = date(act.debut, 1, 1).toordinal()
        span = min(LAST_RELEASE.toordinal() - start, act.years * 365)
        count = 1 + int(chance.lognormvariate(1.42, 0.62))
        moments = sorted(start + int(span * chance.random()) for _ in range(count))
        taken: set[str] = set()
        for moment in moments:
            released = date.fromordinal(moment)
            if released.year > 1995:
                released += timedelta(days=(4 - released.weekday()) % 7)  # records come out on Fridays
            self._put_out(act, min(released, LAST_RELEASE), chance, taken)

    def _put_out(self, act: Act, released: date, chance: random.Random, taken: set[str]) -> None:
        roll = chance.random()
        if roll < 0.50:
            self._single(act, released, chance, taken)
        elif roll < 0.62:
            self._studio(act, released, chance, taken, chance.randrange(4, 7), "single")
        elif roll < 0.82 or not act.recordings:
            self._studio(act, released, chance, taken, chance.randrange(8, 15), "album")
        elif roll < 0.88:
            self._live(act, released, chance, taken)
        else:
            self._again(act, released, chance)

    def _press(self, act: Act, name: str, kind: str, released: date) -> Pressing:
        pressing = Pressing(act, name, kind, released, act.label, act.genre.name)
        self.pressings.append(pressing)
        return pressing

    def _single(self, act: Act, released: date, chance: random.Random, taken: set[str]) -> None:
        lead = self._record(act, released.year, chance, taken)
        single = self._press(act, lead.title, "single", released)
        single.carry(lead)
        if chance.random() < 0.3:
            single.carry(self._record(act, released.year, chance, taken))
        if chance.random() < 0.12:
            edit = Recording(len(self.recordings), act, f"{lead.title} - Radio Edit", released.year, chance)
            edit.duration_ms = int(lead.duration_ms * 0.86)
            self.recordings.append(edit)
            single.carry(edit)

    def _studio(self, act: Act, released: date, chance: random.Random, taken: set[str], size: int, kind: str) -> None:
        name = names.title(chance, act.tongue) if chance.random() < 0.9 else act.name
        album = self._press(act, f"{name} EP" if kind == "single" else name, kind, released)
        fresh = [line for line in act.recordings[-3:] if kind == "album" and not line.live]  # singles that led to it
        for recording in fresh:
            album.carry(recording)
        for _ in range(size - len(fresh)):
            album.carry(self._record(act, released.year, chance, taken))
        if kind == "album" and chance.random() < 0.12:
            deluxe = self._press(act, f"{name} (Deluxe Edition)", "album", min(released + timedelta(238), LAST_RELEASE))
            deluxe.lines.extend(album.lines)
            for _ in range(chance.randrange(2, 6)):
                deluxe.carry(self._record(act, released.year, chance, taken))

    def _live(self, act: Act, released: date, chance: random.Random, taken: set[str]) -> None:
        stage = chance.choice(LIVE).format(chance.choice(act.tongue.places))
        album = self._press(act, stage, "album", released)
        for recording in chance.sample(act.recordings, min(len(act.recordings), chance.randrange(6, 13))):
            bare = recording.title.split(" - ")[0]
            album.carry(self._record(act, released.year, chance, taken, live_of=f"{bare} - {stage}"))

    def _again(self, act: Act, released: date, chance: random.Random) -> None:
        """Old recordings under new ids: a remaster, or a best-of."""
        mine = [pressing for pressing in self.pressings[-40:] if pressing.act is act and pressing.kind == "album"]
        if mine and chance.random() < 0.5:
            old = chance.choice(mine)
            year = released.year
            album = self._press(act, f"{old.name} (Remastered {year})", "album", released)
            same = chance.random() < 0.4  # a remaster should get a new ISRC; labels forget
            for recording, name, isrc in old.lines:
                album.carry(recording, f"{name} - Remastered {year}", isrc if same else next_isrc(act, year, chance))
            return
        name = chance.choice(("The Very Best of {}", "{}: Collected", "{} 20/20", "Essential {}")).format(act.name)
        album = self._press(act, name, "compilation", released)
        famous = sorted(act.recordings, key=lambda recording: (-recording.fame, recording.index))
        for recording in famous[: chance.randrange(8, 19)]:
            album.carry(recording)

    def _compilations(self, chance: random.Random) -> None:
        """Various Artists."""
        for genre in GENRES.values():
            pool = [recording for recording in self.recordings if recording.act.genre is genre and not recording.live]
            for volume in range(1, 2 + len(pool) // 150):
                released = date(chance.randrange(2003, 2026), chance.randrange(1, 13), chance.randrange(1, 29))
                name = f"{genre.name.title()} {chance.choice(('Classics', 'Essentials', 'Nights', 'Anthems'))}"
                album = Pressing(None, f"{name}, Vol. {volume}", "compilation", released, "Parallel Sea", genre.name)
                for recording in chance.sample(pool, min(len(pool), chance.randrange(12, 26))):
                    album.carry(recording)
                self.pressings.append(album)
