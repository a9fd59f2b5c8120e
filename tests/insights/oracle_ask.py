"""What the API and the pages say of one person, in the words of the oracle."""

from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.test import Client
from django.urls import reverse

from ingest.models import Album, Artist, Track
from tests.insights.oracle import Range, Rule
from tests.insights.oracle_figures import Key, Oracle

UNITS = {"hour", "day", "week", "month", "year"}


def address(asked: Range, rule: Rule, **more: str) -> str:
    words = {"range": asked.words}
    if asked.words.startswith("custom"):
        _, first, last = asked.words.split(":")
        words = {"range": "custom", "from": first, "to": last}
    if rule.name != "own":
        words["rule"] = rule.name
    return "&".join(f"{name}={value}" for name, value in (words | more).items() if value)


def ms_of(moment: str | datetime | None) -> int | None:
    if moment is None:
        return None
    at = datetime.fromisoformat(moment.replace("Z", "+00:00")) if isinstance(moment, str) else moment
    return round(at.timestamp() * 1000)


class Names:
    """What the ids of our catalogue stand for, as the oracle calls it."""

    def __init__(self, *, grouped: bool) -> None:
        artists = {row.pk: row.spotify_id or row.name for row in Artist.objects.all()}
        albums = Album.objects.values_list("id", "spotify_id", "artist_id", "name")
        tracks = Track.objects.all()
        self.of: dict[str, dict[int, Key]] = {
            "albums": {pk: spotify_id or f"{artists.get(by or 0, '')}/{name}" for pk, spotify_id, by, name in albums},
            "artists": dict(artists),
            "tracks": {row.pk: _track(row, artists, grouped) for row in tracks},
        }
        self.artist_names = {row.spotify_id or row.name: row.name for row in Artist.objects.all()}


def _track(row: Track, artists: dict[int, str], grouped: bool) -> Key:
    if row.isrc and grouped:
        return row.isrc
    by = (artists[row.artist_id],) if row.artist_id else ()
    return f"spotify:track:{row.spotify_id}" if row.spotify_id else (row.name, *by)


class Compared:
    """One range of one person, asked of all that tell of it. Fails where an answer is not the oracle's."""

    def __init__(self, client: Client, headers: dict[str, str], oracle: Oracle, asked: Range) -> None:
        self.client, self.headers, self.oracle, self.asked = client, headers, oracle, asked
        self.names = Names(grouped=oracle.grouped)

    def ask(self, path: str, **more: str) -> dict[str, Any]:
        query = address(self.asked, self.oracle.rule, **more)
        answer = self.client.get(f"/api/v1/stats/{path}?{query}", **self.headers)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def page(self, name: str, *args: str, **more: str) -> Any:
        path = reverse(f"insights:{name}", args=args)
        answer = self.client.get(f"{path}?{address(self.asked, self.oracle.rule, **more)}")
        assert answer.status_code == 200
        return answer.context

    def api(self) -> None:
        """Every figure of the API."""
        oracle, asked = self.oracle, self.asked
        self._summary()
        for what, by in (("tracks", "plays"), ("artists", "time"), ("albums", "days")):
            self._top(what, by)
        self._course()
        columns = 24 if oracle.grouped else 6
        wanted = oracle.grid(asked, columns)
        found = self.ask("heatmap", blocks=str(columns))
        for place, name in enumerate(("plays", "ms")):
            assert found[name] == [[wanted[day, n][place] for n in range(columns)] for day in found["weekdays"]]
        assert found["weekdays"] == [(oracle.week_starts_on - 1 + n) % 7 for n in range(7)]
        clock = self.ask("clock")
        assert list(zip(clock["plays"], clock["ms"], strict=True)) == oracle.clock(asked)
        streaks = self.ask("streaks")
        told = [streaks[name] and (date.fromisoformat(streaks[name]["first"]), streaks[name]["days"]) for name in _RUNS]
        assert tuple(told) == oracle.streaks(asked)
        self._skips()
        self._sessions()

    def _summary(self) -> None:
        told, wanted = self.ask("summary"), self.oracle.totals(self.asked)
        told |= {"first": ms_of(told["first_at"]), "last": ms_of(told["last_at"])}
        del wanted["days"]
        assert {name: told[name] for name in wanted} == wanted

    def _top(self, what: str, by: str) -> None:
        wanted = self.oracle.amounts(self.asked, what)
        ranks = self.oracle.ranks(self.asked, what, by)
        former = self.asked.before
        before = self.oracle.ranks(former, what, by) if former else {}
        found = self.ask(f"top/{what}", by=by, limit="1000")
        assert found["keys"] == len(wanted)
        whole = {"plays": 0, "time": 1}.get(by)
        total = self.oracle.totals(self.asked)["days"] if whole is None else sum(v[whole] for v in wanted.values())
        place = ("plays", "time", "days").index(by)
        for row in found["items"]:
            key = self.names.of[what][row["id"]]
            assert (row["plays"], row["ms"]) == wanted[key][:2], key
            assert row["days"] == (wanted[key][2] if by == "days" else None)
            assert row["rank"] == ranks[key]
            assert row["moved"] == (before[key] - ranks[key] if key in before else None)
            assert abs(row["share"] - wanted[key][place] / total) < 1e-12
        order = [(wanted[self.names.of[what][row["id"]]], row["id"]) for row in found["items"]]
        second = 1 if by == "plays" else 0
        assert all((-a[place], -a[second], i) < (-b[place], -b[second], j) for (a, i), (b, j) in pairwise(order))
        assert len({self.names.of[what][row["id"]] for row in found["items"]}) == min(1000, len(wanted))

    def _course(self) -> None:
        first, last = self.oracle.bounds(self.asked)
        units = UNITS - ({"hour"} if (last - first).days > 3 else set())
        for unit in sorted(units):
            wanted = self.oracle.course(self.asked, unit)
            steps = self.ask("over-time", unit=unit)["items"]
            iso = date.fromisoformat
            told = [(iso(row["first"]), iso(row["last"]), row["hour"], row["plays"], row["ms"]) for row in steps]
            assert told == wanted

    def _skips(self) -> None:
        told = self.ask("skips")
        assert (told["overall"]["starts"], told["overall"]["skips"]) == self.oracle.skips(self.asked)
        by_hour = self.oracle.skips_by(self.asked, "hour")
        assert [(row["starts"], row["skips"]) for row in told["by_hour"]] == [by_hour[hour] for hour in range(24)]

    def _sessions(self) -> None:
        wanted = self.oracle.sessions_in(self.asked)[::-1]
        told = self.ask("sessions", limit="40")
        assert (told["count"], told["gap_min"]) == (len(wanted), self.oracle.gap_min)
        for row, session in zip(told["items"], wanted[:40], strict=True):
            assert (ms_of(row["started_at"]), ms_of(row["ended_at"])) == (session.started, session.ended)
            assert row["heard_ms"] == sum(play.ms for play in session.plays)
            top = {self.names.artist_names[str(key)] for key in self.oracle.top_artists(session)}
            assert row["top_artist"] in (top or {None})
        assert (told["next"] is None) == (len(wanted) <= 40)

    def pages(self) -> None:
        """What the pages say beyond the API, or say by themselves."""
        self._when()
        self._top_page()
        self._skips_page()
        self._sessions_page()
        self._compare_page()

    def _when(self) -> None:
        oracle, asked = self.oracle, self.asked
        when = self.page("time", grid="24")["when"]
        totals = oracle.totals(asked)
        assert (when.plays, when.ms, when.active_days) == (totals["plays"], totals["ms"], totals["days"])
        first, last = oracle.bounds(asked)
        assert when.all_days == (last - first).days + 1
        assert [point.value for point in when.course] == [step[3] for step in oracle.course(asked, when.unit)]
        assert [point.value for point in when.hours] == [plays for plays, _ in oracle.clock(asked)]
        grid = oracle.grid(asked, 24)
        order = [(oracle.week_starts_on - 1 + n) % 7 for n in range(7)]
        told = [[point.value for point in row.points] for row in when.rows]
        assert told == [[grid[day, hour][0] for hour in range(24)] for day in order]
        daily = oracle.daily(asked)
        assert [(point.on, point.value) for point in when.days] == [(d, n) for d, (n, _) in daily.items()][-371:]
        runs = oracle.streaks(Range("all", None, None))
        assert tuple(run and (run.first, run.days) for run in (when.streaks.longest, when.streaks.current)) == runs
        best = max(daily.items(), key=lambda day: (day[1], -day[0].toordinal()))
        assert (when.most_active and (when.most_active.on, when.most_active.plays)) == (
            (best[0], best[1][0]) if totals["plays"] else None
        )
        decades, unknown = oracle.decades(asked)
        assert [point.value for point in when.decades if point.value] == [decades[ten][0] for ten in sorted(decades)]
        assert (
            when.coverage == (1 - unknown / totals["plays"] if totals["plays"] else None)
            or abs(when.coverage - (1 - unknown / totals["plays"])) < 1e-12
        )

    def _top_page(self) -> None:
        context = self.page("top", "tracks")
        totals, wanted = self.oracle.totals(self.asked), self.oracle.amounts(self.asked, "tracks")
        listing = context["listing"]
        assert (listing.plays, listing.ms, listing.keys) == (totals["plays"], totals["ms"], totals["tracks"])
        assert listing.left_out == totals["not_counted"]
        for line in listing.lines:
            assert (line.ranked.plays, line.ranked.ms) == wanted[self.names.of["tracks"][line.ranked.key]][:2]

    def _skips_page(self) -> None:
        oracle, asked = self.oracle, self.asked
        skips = self.page("skips")["skips"]
        assert (skips.overall.starts, skips.overall.skips) == oracle.skips(asked)
        by_shuffle = oracle.skips_by(asked, "shuffle")
        for name, value in (("on", True), ("off", False), ("not_told", None)):
            rate = getattr(skips.shuffle, name)
            assert (rate.starts, rate.skips) == by_shuffle[value]
        tracks = oracle.skips_by(asked, "tracks")
        assert skips.tracks_skipped == sum(amount[1] > 0 for amount in tracks.values())
        self._rated(skips.tracks, tracks, lambda amount: (-amount[1], amount[0]))
        for what in ("artists", "albums"):
            rated = {key: amount for key, amount in oracle.skips_by(asked, what).items() if amount[0] >= 20}
            self._rated(getattr(skips, what), rated, lambda amount: (-amount[1] / amount[0], -amount[1]), what)

    def _rated(
        self,
        lines: list[Any],
        wanted: dict[Key, tuple[int, int]],
        order: Callable[[tuple[int, int]], tuple[float, ...]],
        what: str = "tracks",
    ) -> None:
        """The first lines of a list in order; ties among the last may be any."""
        best = sorted((amount for amount in wanted.values() if what != "tracks" or amount[1]), key=order)
        assert [order((line.rate.starts, line.rate.skips)) for line in lines] == [order(amount) for amount in best[:20]]
        for line in lines:
            assert (line.rate.starts, line.rate.skips) == wanted[self.names.of[what][line.item.pk]]

    def _sessions_page(self) -> None:
        told = self.page("sessions")["listing"]
        summary = {name: getattr(told.summary, name) for name in ("count", "median_ms", "longest_ms", "parts")}
        assert summary == self.oracle.session_figures(self.asked)

    def _compare_page(self) -> None:
        oracle, other = self.oracle, self.asked.before
        context = self.page("compare", what="artists")
        if other is None:
            assert context["compared"] is None
            return
        now, then = (oracle.totals(each) for each in (self.asked, other))
        told = {pair.name: (pair.now, pair.then) for pair in context["compared"].pairs}
        assert told == {name: (now[name], then[name]) for name in told}
        here, there = (oracle.shares(each, "artists") for each in (self.asked, other))
        gains = {key: here.get(key, 0) - there.get(key, 0) for key in {*here, *there}}
        groups = {
            "entries": {key: gain for key, gain in gains.items() if key not in there},
            "leavers": {key: -gain for key, gain in gains.items() if key not in here},
            "risers": {key: gain for key, gain in gains.items() if key in here and key in there and gain > 1e-12},
            "fallers": {key: -gain for key, gain in gains.items() if key in here and key in there and gain < -1e-12},
        }
        for name, wanted in groups.items():
            lines = context["compared"].groups[name]
            values = [wanted[self.names.of["artists"][line.item.pk]] for line in lines]
            best = sorted(wanted.values(), reverse=True)[:8]
            assert len(values) == len(best)
            assert all(abs(one - two) < 1e-12 for one, two in zip(values, best, strict=True))


_RUNS = ("longest", "current")
