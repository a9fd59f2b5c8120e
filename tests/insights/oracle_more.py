"""More that pages and API say of one person: one thing, every rule side by side, the overview, and what was new."""

from dataclasses import replace
from typing import Any

from tests.insights.oracle import Play, Range, Rule, is_skip, local
from tests.insights.oracle_ask import Compared
from tests.insights.oracle_figures import Key, Oracle

EVER = Range("all", None, None)
KINDS = (("tracks", "track"), ("artists", "artist"), ("albums", "album"))


def more(compared: Compared) -> None:
    """Fails where a page or an answer is not the oracle's."""
    _things(compared)
    _every_rule(compared)
    _overview(compared)
    _new(compared)


def _things(compared: Compared) -> None:
    """The page of what was heard most of each kind."""
    oracle, asked = compared.oracle, compared.asked
    for what, page in KINDS:
        ranked = compared.ask(f"top/{what}", limit="1")["items"]
        if not ranked:
            continue
        key, pk = compared.names.of[what][ranked[0]["id"]], ranked[0]["id"]
        told = compared.page(page, str(pk))["told"]
        own = [play for play in oracle.counted(asked) if key in oracle.keys(play, what)]
        starts = [play for play in oracle.started(asked) if key in oracle.keys(play, what)]
        assert (told.plays, told.ms) == (len(own), sum(play.ms for play in own))
        assert told.skip_share == sum(map(is_skip, starts)) / len(starts)
        hours = [local(play.started, oracle.zone).hour for play in own]
        assert [point.value for point in told.by_clock] == [hours.count(hour) for hour in range(24)]
        _standing(told.standing, oracle, what, key)


def _standing(told: Any, oracle: Oracle, what: str, key: Key) -> None:
    plays = [play for play in oracle.counted(EVER) if key in oracle.keys(play, what)]
    assert (told.plays, told.ms) == (len(plays), sum(play.ms for play in plays))
    assert (told.first_ms, told.last_ms) == (plays[0].started, plays[-1].started)
    assert told.days == len({oracle.day(play) for play in plays})
    ranks = oracle.ranks(EVER, what, "plays")
    assert (told.rank, told.keys) == (ranks[key], len(ranks))


def _every_rule(compared: Compared) -> None:
    """The same range under each rule, whichever the person chose."""
    oracle, asked = compared.oracle, compared.asked
    for row in compared.page("counting")["rules"]:
        rule = replace(oracle.rule, name=row.name) if row.name else oracle.rule
        wanted = replace(oracle, rule=Rule(rule.name, rule.seconds, rule.percent, oracle.rule.private)).totals(asked)
        told = row.figures
        assert (told.plays, told.ms, told.tracks, told.left_out) == (
            *(wanted[name] for name in ("plays", "ms", "tracks", "not_counted")),
        ), row.name


def _overview(compared: Compared) -> None:
    oracle, asked = compared.oracle, compared.asked
    board = compared.page("dashboard")["board"]
    totals = oracle.totals(asked)
    if not totals["plays"]:
        return
    assert (board.plays, board.ms, board.tracks_heard) == (totals["plays"], totals["ms"], totals["tracks"])
    assert board.active_days == totals["days"]
    sessions = oracle.session_figures(asked)
    assert (board.sessions.count, board.sessions.median_ms) == (sessions["count"], sessions["median_ms"])
    assert (board.skips.starts, board.skips.skips) == oracle.skips(asked)
    assert [point.value for point in board.course] == [step[3] for step in oracle.course(asked, board.unit)]
    earlier = {key for play in _before(oracle, asked) for key in oracle.keys(play, "artists")}
    new = {key for play in oracle.counted(asked) for key in oracle.keys(play, "artists")} - earlier
    assert board.newness.artists == len(new)


def _before(oracle: Oracle, asked: Range) -> list[Play]:
    inside = oracle.counted(asked)
    if asked.first is None or not inside:
        return []
    return [play for play in oracle.counted(EVER) if play.started < inside[0].started]


def _new(compared: Compared) -> None:
    """What was heard for the first time ever in the range."""
    oracle, asked = compared.oracle, compared.asked
    for what, _page in KINDS:
        inside = [(play, key) for play in oracle.counted(asked) for key in oracle.keys(play, what)]
        earlier = {key for play in _before(oracle, asked) for key in oracle.keys(play, what)}
        new = {key for _play, key in inside} - earlier
        told = compared.ask("discoveries", what=what, limit="50")
        assert told["new"] == len(new)
        assert told["keys"] == len({key for _play, key in inside})
        assert told["new_plays"] == sum(key in new for _play, key in inside)
        ever = [(play, key) for play in oracle.counted(EVER) for key in oracle.keys(play, what)]
        for row in told["items"]:
            plays = [play for play, key in ever if key == compared.names.of[what][row["id"]]]
            assert row["plays"] == len(plays)
            assert row["on"] == oracle.day(plays[0]).isoformat()
            assert row["later_days"] == len({oracle.day(play) for play in plays}) - 1
