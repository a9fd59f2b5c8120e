"""Real processes change, read and rebuild what the same persons heard, and are killed at any moment: is all right?

    python -m tests.bench.columns_storm [--seed 1] [--seconds 60] [--rounds 0] [--people 2] [--deeds 40]

On SQLite in a temporary folder, or on `DATABASE_URL`, where a database of that name with `_storm` behind it is made
anew. Four workers do deeds drawn from the seed: polls, submissions of programs, imports, what persons enter, put right,
hide and say, what operators join and part, new facts, disconnecting, other zones and rules. Two of them keep their
columns in another folder, as on another host. On each host one more process reads figures over and over and compares
them with a plain count; `kill -9` hits any of the six every now and then, and another takes its place and goes on.
After each round, when all deeds are done: plays are the fold of all that was told; columns, shelf, search and figures
on both hosts are what the plays say; and nobody complained. Exits 1 where anything is wrong.
"""

import argparse
import json
import logging
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from tests.bench import surroundings
from tests.bench.storm.draw import Storm

WORKERS, HOSTS = 4, 2
PATIENCE_S = 240  # for one round


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60, help="begin no round after this long")
    parser.add_argument("--rounds", type=int, default=0, help="instead of --seconds")
    parser.add_argument("--people", type=int, default=2)
    parser.add_argument("--deeds", type=int, default=40, help="of each worker in each round")
    parser.add_argument("--pause", type=float, default=0.25, help="seconds between two kills, on average")
    options = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    url = surroundings.emptied(surroundings.beside(url, "_storm")) if url else ""
    with tempfile.TemporaryDirectory() as folder:
        surroundings.take(folder, url)
        surroundings.set_up()
        # SQLite is one host: what is locked by files beside the columns is locked there.
        importers = tuple(range(WORKERS)) if url else tuple(range(0, WORKERS, HOSTS))
        storm = Storm(options.seed, options.people, WORKERS, options.deeds, importers)
        ok = Weather(storm, Path(folder), options.pause).rage(at_most_s=options.seconds, rounds=options.rounds)
    if url:
        surroundings.dropped(url)
    sys.exit(not ok)


class Weather:
    """The process that starts and kills the others. It never opens the database, so that they can be forked from it."""

    def __init__(self, storm: Storm, folder: Path, pause_s: float) -> None:
        import vibesite.wsgi  # noqa: F401  # as a preloaded web process has
        from tests.bench.storm import stage

        self.storm, self.folder, self.pause_s = storm, folder, pause_s
        self.chance = Random(storm.seed)
        self.kills = 0
        stage.HANDLER.load_middleware()
        self._waited(self._fork(lambda: stage.make(folder / "stage.json", storm.people)))
        self.stage = stage.load(folder / "stage.json")

    def rage(self, *, at_most_s: float, rounds: int) -> bool:
        from tests.bench.storm import judge

        began, number, wrong = time.monotonic(), 0, []
        while not wrong and (number < rounds if rounds else time.monotonic() - began < at_most_s):
            wrong = self._round(number)
            number += 1
            wrong = wrong or self._judged(number)
        complaints = self._complaints()
        done = judge.counted(self.storm, self.folder, number)
        vendor = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
        seconds = time.monotonic() - began
        print(f"{vendor}, seed {self.storm.seed}: {number} rounds, {self.kills} kills, {seconds:.0f} s")
        print(f"  {surroundings.load()}")
        print("  " + ", ".join(f"{name} {count}" for name, count in done.items()))
        compared = [json.loads(path.read_text()) for path in self.folder.glob("compared-*[0-9]")]
        agreed, restless = (sum(each[place] for each in compared) for place in (0, 1))
        print(f"  figures compared meanwhile {agreed} times, and {restless} times changed too often to be compared")
        for each in [*wrong, *complaints]:
            print(f"  WRONG {each}")
        return not wrong and not complaints

    # --- One round ----------------------------------------------------------------------------------------------------
    def _round(self, number: int) -> list[str]:
        from tests.bench.storm import deeds

        folder = self.folder

        def worker(place: int) -> Callable[[], None]:
            return lambda: deeds.work(self.storm, self.stage, folder, number, place)

        work = {f"worker {place}": (place % HOSTS, worker(place)) for place in range(WORKERS)}
        work |= {f"reader {place}": (place, self._reading) for place in range(HOSTS)}
        alive = {name: self._fork(does, host) for name, (host, does) in work.items()}
        until, wrong = time.monotonic() + PATIENCE_S, []
        strike_at = time.monotonic() + self.chance.expovariate(1 / self.pause_s)
        while any(name.startswith("worker") for name in alive) and not wrong:
            time.sleep(0.005)
            for name, pid in list(alive.items()):
                gone, status = os.waitpid(pid, os.WNOHANG)
                if gone:
                    del alive[name]
                    wrong += [f"{name} ended with {status} in round {number}"] if status else []
            if time.monotonic() > until:
                wrong.append(f"round {number} came to no end: {sorted(alive)}")
            if time.monotonic() > strike_at and alive:
                name = self.chance.choice(sorted(alive))
                os.kill(alive[name], signal.SIGKILL)
                self.kills += os.waitpid(alive[name], 0)[1] == signal.SIGKILL
                alive[name] = self._fork(work[name][1], work[name][0])
                strike_at = time.monotonic() + self.chance.expovariate(1 / self.pause_s)
        for pid in alive.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return wrong

    def _reading(self) -> None:
        """Read over and over until killed."""
        from tests.bench.storm import deeds, judge

        tally, chance, found = self.folder / f"compared-{os.getpid()}", Random(os.getpid()), [0, 0]
        while True:
            person = chance.randrange(self.storm.people)
            found[not judge.moment(self.stage.user(person))] += 1
            deeds.look(self.stage, person, chance.choice(deeds.PAGES))
            tally.with_suffix(".part").write_text(json.dumps(found))
            os.replace(tally.with_suffix(".part"), tally)

    def _judged(self, rounds: int) -> list[str]:
        from django.utils import timezone

        from ingest.actions import group
        from tests.bench.storm import judge

        def people() -> list[str]:
            group.run(now=timezone.now())  # as beat does
            told = []
            for person in range(self.storm.people):
                found = judge.plays(self.storm, self.stage, self.folder, rounds, person)
                told += [f"person {person}: {each}" for each in found]
            return told

        def host() -> list[str]:
            users = [self.stage.user(person) for person in range(self.storm.people)]
            return [f"{user}: {each}" for user in users for each in judge.host(user)] + judge.check_host()

        wrong = self._asked(people)
        for place in range(HOSTS):
            wrong += [f"host {place}, {each}" for each in self._asked(host, place)]
        return [f"after round {rounds - 1}: {each}" for each in wrong]

    # --- Processes ----------------------------------------------------------------------------------------------------
    def _asked(self, what: Callable[[], list[str]], host: int = 0) -> list[str]:
        answer = self.folder / "answer"
        code = self._waited(self._fork(lambda: answer.write_text(json.dumps(what())), host))
        return json.loads(answer.read_text()) if not code else [f"the judge ended with {code}"]

    def _fork(self, work: Callable[[], Any], host: int = 0) -> int:
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            self._arrive(host)
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _waited(self, pid: int) -> int:
        return os.waitpid(pid, 0)[1]

    def _arrive(self, host: int) -> None:
        """In the new process: its host's files, and nothing that is logged as wrong goes unseen."""
        from django.conf import settings

        from vibesite.supervisor import die_with_parent

        die_with_parent()
        settings.COLUMNS_DIR = self.folder / f"columns-{host}"
        heard = logging.FileHandler(self.folder / f"complaints-{os.getpid()}", delay=True)
        heard.setLevel(logging.WARNING)
        heard.addFilter(lambda told: told.levelno >= logging.ERROR or told.name.startswith("ingest"))
        logging.getLogger().addHandler(heard)
        logging.getLogger("ingest").setLevel(logging.WARNING)
        logging.getLogger("django.request").setLevel(logging.ERROR)

    def _complaints(self) -> list[str]:
        return [path.read_text()[-2000:] for path in sorted(self.folder.glob("complaints-*")) if path.stat().st_size]


if __name__ == "__main__":
    main()
