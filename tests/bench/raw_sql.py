"""What pages answer, beside raw SQL for nearly the same answer, for the person with a million plays.

    python -m tests.bench.raw_sql FOLDER [--rounds 5]

FOLDER is a world of `tests/bench/world.py`. Ours: the columns read anew for each answer, as a page does it. SQL counts
by the simplest rule (30 s), in UTC, without recordings, filters and hidden plays, so it answers less. Milliseconds,
medians.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

from tests.bench import surroundings, world

DAY_MS = 86_400_000
MINE = "FROM ingest_play WHERE user_id = %(user)s AND started_at >= %(since)s"
COUNTED = f"{MINE} AND ms_played >= 30000"
PAUSES = f"SELECT started_at - lag(ended_at) OVER (ORDER BY started_at) AS pause {MINE}"
_MOMENT = "to_timestamp(started_at / 1000)"
HOUR = {
    "postgresql": f"extract(dow FROM {_MOMENT}), extract(hour FROM {_MOMENT})",
    "sqlite": "strftime('%%w', started_at / 1000, 'unixepoch'), strftime('%%H', started_at / 1000, 'unixepoch')",
}
SQL = {
    "totals": f"SELECT count(*), sum(ms_played) {COUNTED}",
    "top tracks": f"SELECT track_id, count(*) {COUNTED} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50",
    "top artists": f"SELECT artist_id, count(*) FROM (SELECT track_id {COUNTED}) AS plays"
    " JOIN ingest_track AS track ON track.id = track_id GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50",
    "grid": f"SELECT HOUR, count(*) {COUNTED} GROUP BY 1, 2",
    "course by day": f"SELECT started_at / {DAY_MS}, count(*), sum(ms_played) {COUNTED} GROUP BY 1 ORDER BY 1",
    "sessions": f"SELECT count(*) + 1 FROM ({PAUSES}) AS pauses WHERE pause > 1800000",
    "skips": f"SELECT count(*), sum(CASE WHEN ms_played < 30000 THEN 1 ELSE 0 END) {MINE}",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    world.enter(options.folder)
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User

    anna, now = User.objects.get(username="anna"), round(timezone.now().timestamp() * 1000)
    print(f"{connection.vendor}, {surroundings.load()}; ours / SQL, ms")
    print(f"{'':16}{'4 weeks':>18}{'a year':>18}{'all':>18}")
    for name, sql in SQL.items():
        query, figures = sql.replace("HOUR", HOUR[connection.vendor]), []
        for period, days in (("4w", 28), ("1y", 365), ("all", 20_000)):
            told, answer = {"user": anna.pk, "since": now - days * DAY_MS}, ours(anna, period)[name]
            theirs = middle(lambda query=query, told=told: rows(query, told), options.rounds)
            figures.append((middle(answer, options.rounds), theirs))
        print(f"{name:16}" + "".join(f"{mine:9.1f} /{theirs:7.1f}" for mine, theirs in figures), flush=True)


def ours(user: Any, name: str) -> dict[str, Callable[[], Any]]:
    """The answers as pages get them, by the functions that they call."""
    from django.utils import timezone

    from ingest import lens
    from ingest.period import parse
    from insights.analysis import sessions, time, top

    today = timezone.localdate()
    period = parse(name, today=today, zone=user.zone)

    def heard() -> Any:
        return lens.read(user).heard(period)

    def course() -> Any:
        found = heard().counted
        first, last = time.bounds(found, period.first, period.last, today)
        return time.course(found, unit="day", first=first, last=last)

    return {
        "totals": lambda: heard().counted.total_ms,
        "top tracks": lambda: top.rank(top.tables(heard().counted, "tracks"), by="plays", start=0, size=50),
        "top artists": lambda: top.rank(top.tables(heard().counted, "artists"), by="plays", start=0, size=50),
        "grid": lambda: time.grid(heard().counted, blocks=24),
        "course by day": course,
        "sessions": lambda: len(sessions.find(heard(), 30 * 60_000)),
        "skips": lambda: int(heard().skips.sum()),
    }


def rows(sql: str, told: dict[str, int]) -> list[tuple]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, told)
        return cursor.fetchall()


def middle(answer: Callable[[], Any], rounds: int) -> float:
    spans = []
    for _ in range(rounds):
        began = time.perf_counter()
        answer()
        spans.append((time.perf_counter() - began) * 1000)
    return sorted(spans)[rounds // 2]


if __name__ == "__main__":
    main()
