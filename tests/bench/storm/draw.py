"""What happens in a storm, drawn from a seed: what was truly heard, who tells of it, and what people do. Pure.

A process that is killed and begun again finds its deeds as they were; the judge knows all that was told.
"""

from dataclasses import dataclass
from random import Random

from ingest.evidence import Evidence, Origin

FIRST_S = 1_709_251_200  # 2024-03-01 00:00 UTC
ROUND_S = 6 * 3600  # of listening in one round
LATE_S = FIRST_S + 200 * 86_400  # what is new comes after all else
HEARD = 60  # listenings of one person in one round
SONGS = 10
TWINS = 4  # the first songs have a second track, which operators join with the first, and part again
TRACKS = SONGS + TWINS
PLATFORM, REASON = "Storm", "trackdone"
ZONES = ("UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Europe/Berlin")
POLLED = ("poll", "append", "watch")
# How often, of about a hundred.
WEIGHTS = {
    **{"poll": 12, "append": 10, "watch": 4, "submit": 10, "import": 4},
    **{"enter": 4, "edit": 7, "hide": 7, "show": 5, "delete": 3},
    **{"say": 6, "unsay": 4, "join": 4, "learn": 5, "group": 2},
    **{"zone": 3, "rule": 2, "leave out": 3, "rebuild": 1, "thin": 1, "look": 12},
}


@dataclass(frozen=True)
class Deed:
    """One thing that a process does."""

    round: int
    worker: int
    number: int
    kind: str
    person: int
    seed: int

    @property
    def name(self) -> str:
        return f"{self.round}-{self.worker}-{self.number}"

    def chance(self) -> Random:
        return Random(f"{self.seed}:{self.name}")

    @property
    def act(self) -> int:
        """The number that its form carries."""
        return self.chance().getrandbits(62) | 1


@dataclass(frozen=True)
class Heard:
    """A listening as it truly was."""

    song: int
    start_s: int
    length_s: int


@dataclass(frozen=True)
class Storm:
    seed: int
    people: int
    workers: int
    deeds: int  # of one worker in one round
    importers: tuple[int, ...]  # workers that may import

    def of(self, round_: int, worker: int) -> list[Deed]:
        chance = Random(f"{self.seed}:{round_}:{worker}")
        leaving = [person for person in range(self.people) if self.disconnects(round_, person)]
        found = []
        for number in range(self.deeds):
            kind = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            person = chance.randrange(self.people)
            if kind == "import" and worker not in self.importers:
                kind = "submit"
            if person in leaving and kind in POLLED:
                kind = "submit"
            turn = number - self.deeds // 2
            if worker == 0 and 0 <= turn < len(leaving):
                kind, person = "disconnect", leaving[turn]
            found.append(Deed(round_, worker, number, kind, person, self.seed))
        return found

    def disconnects(self, round_: int, person: int) -> bool:
        """Whether nothing is polled in this round, so that all that was polled before may go at any moment of it."""
        return round_ > 0 and Random(f"{self.seed}:{round_}:gone:{person}").random() < 0.25

    def truth(self, round_: int, person: int) -> list[Heard]:
        chance = Random(f"{self.seed}:{round_}:truth:{person}")
        at, found = FIRST_S + round_ * ROUND_S // 2, []  # over the second half of the round before
        for _ in range(HEARD):
            found.append(Heard(chance.randrange(SONGS), at, chance.randrange(20, 260)))
            at += chance.randrange(30, 400)
        return found

    def told(self, deed: Deed, tracks: list[int], words: dict[str, int]) -> list[Evidence]:
        """The evidence that a deed brings; none for most kinds. `tracks`: the songs', then their twins'."""
        chance = deed.chance()
        if deed.kind == "append":
            step = (deed.round * self.deeds + deed.number) * self.workers + deed.worker
            end = (LATE_S + 240 * step) * 1000
            return [Evidence(Origin.POLL, chance.choice(tracks), end - 200_000, end, 200_000, is_estimate=True)]
        if deed.kind not in ("poll", "watch", "submit", "import"):
            return []
        truth = self.truth(deed.round, deed.person)
        first = chance.randrange(len(truth))
        part = truth[first : first + (chance.randrange(8, 25) if deed.kind == "import" else chance.randrange(1, 6))]
        return [_as_told(deed.kind, each, chance, tracks, words) for each in part]


def _as_told(kind: str, heard: Heard, chance: Random, tracks: list[int], words: dict[str, int]) -> Evidence:
    is_twin = heard.song < TWINS and chance.random() < 0.4
    track = tracks[SONGS + heard.song] if is_twin else tracks[heard.song]
    start, end, ms = heard.start_s * 1000, (heard.start_s + heard.length_s) * 1000, heard.length_s * 1000
    if kind == "poll":
        length = max(30_000, ms)
        return Evidence(Origin.POLL, track, end - length, end, length, is_estimate=True)
    if kind == "watch":
        return Evidence(Origin.WATCH, track, start, end, ms)
    if kind == "submit":
        return Evidence(Origin.SUBMIT, track, start, end, ms, platform=words[PLATFORM])
    return Evidence(
        *(Origin.EXPORT, track, start, end, ms),
        reason_start=words[REASON],
        reason_end=words[REASON],
        platform=words[PLATFORM],
        shuffle=bool(heard.song % 2),
    )
