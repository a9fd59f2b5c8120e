"""Whether all is right: while processes write, at moments that stand still; and after a round, when all is done."""

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import Count, Max, Sum

from accounts.models import User
from ingest import columns, lens, reconcile, shelf
from ingest.evidence import Evidence, Origin
from ingest.known import played
from ingest.models import (
    Counting,
    HandPlay,
    HiddenPlay,
    HistoryImport,
    ListeningFilter,
    MergedPlay,
    OwnGrouping,
    Play,
    PlayLedger,
    Track,
    TrackChange,
)
from ingest.names import search_key
from ingest.songs import songs_around
from tests.bench.storm.deeds import checked, read_journal
from tests.bench.storm.draw import Storm
from tests.bench.storm.stage import Stage
from tests.ingest.plainly import plainly, read

WORDS = ("night", "live", "song3", "artist 1")
TRIES = 25


# --- At any moment ----------------------------------------------------------------------------------------------------
def moment(user: User) -> bool:
    """Compare a person's figures and search with a plain count; False if they never stood still.

    AssertionError on a difference.
    """
    for _ in range(TRIES):
        before = _stands(user)
        user.refresh_from_db()
        found, searched = read(user), _searched(user)
        wanted, wanted_search = plainly(user), _searched_plainly(user)
        if _stands(user) == before:
            assert found == wanted, f"{user}: {_difference(found, wanted)}"
            assert searched == wanted_search, f"{user}: the search found {searched}, not {wanted_search}"
            return True
        time.sleep(0.01)
    return False


def _stands(user: User) -> list[Any]:
    """Equal twice if nothing that figures rest on was changed in between."""
    own: dict[str, Any] = {"user": user}
    return [
        list(PlayLedger.objects.filter(**own).values_list("version", "stamp")),
        HiddenPlay.objects.filter(**own).aggregate(Count("id"), Max("id"), Max("undone_at"), Count("undone_at")),
        OwnGrouping.objects.filter(**own).aggregate(Count("id"), Max("id"), Max("undone_at"), Count("undone_at")),
        list(ListeningFilter.objects.filter(**own).values_list("id", flat=True)),
        list(Counting.objects.filter(**own).values()),
        User.objects.values_list("time_zone", flat=True).get(pk=user.pk),
        TrackChange.objects.aggregate(Max("id"), Sum("id")),
        list(Track.objects.order_by("id").values_list("duration_ms", "recording_id")),
    ]


def _searched(user: User) -> dict[str, list[int]]:
    reading = lens.read(user)
    heard = set(reading.plays.track.tolist())
    return {word: [pk for pk in reading.rack.search(word).tolist() if pk in heard] for word in WORDS}


def _searched_plainly(user: User) -> dict[str, list[int]]:
    heard = Play.objects.of(user).values_list("track_id", flat=True).distinct()
    tracks = Track.objects.filter(pk__in=list(heard)).select_related("artist", "album").order_by("id")
    lines = {}
    for track in tracks:
        assert track.artist
        assert track.album
        lines[track.pk] = [search_key(text) for text in (track.name, track.artist.name, track.album.name)]
    return {
        word: [pk for pk, texts in lines.items() if all(any(part in text for text in texts) for part in word.split())]
        for word in WORDS
    }


def _difference(found: list[Any], wanted: list[Any]) -> str:
    more, less = Counter(found) - Counter(wanted), Counter(wanted) - Counter(found)
    told = f"{len(found)} rows, {len(wanted)} wanted"
    return f"{told}; too many {sorted(more.items())[:4]}; missing {sorted(less.items())[:4]}"


# --- After a round ----------------------------------------------------------------------------------------------------
def host(user: User) -> list[str]:
    """What is wrong with a person's files on this host, now that nobody writes."""
    user.refresh_from_db()
    wrong = [f"columns: {each}" for each in columns.check(user)]
    try:
        if not moment(user):
            wrong.append("figures: did not stand still")
    except AssertionError as error:
        wrong.append(f"figures: {error}")
    plays = columns.load(user)
    kept, anew = lens.read(user).rack, shelf.load(user, plays.track, name=f"anew-{time.monotonic_ns()}")
    others = [
        name
        for name, values in vars(anew).items()
        if isinstance(values, np.ndarray)
        and not np.array_equal(getattr(kept, name), values, equal_nan=name == "features")
    ]
    wrong += [f"shelf: {' '.join(others)} other than anew, of {kept.track} and {anew.track}"] if others else []
    wrong += ["shelf: other lines than anew"] if kept.lines != anew.lines else []
    return wrong


def check_host() -> list[str]:
    try:
        checked()
    except SystemExit:
        return ["rebuild_columns --check found a difference"]
    return []


def plays(storm: Storm, stage: Stage, folder: Path, rounds: int, person: int) -> list[str]:
    """What of all that was told to a person is lost, doubled or otherwise stored."""
    user = stage.user(person)
    events = [*_evidence(storm, stage, rounds, person), *_by_hand(user)]
    listenings = reconcile.fold(events, songs_around(set(stage.tracks)))
    wanted = Counter(
        (_plain(each.play), frozenset((_plain(merged.event), merged.gave) for merged in each.merged))
        for each in listenings
    )
    found = _stored(user)
    more, less = found - wanted, wanted - found
    wrong = [f"plays: stored, not told: {each}" for each in list(more.elements())[:3]]
    wrong += [f"plays: told, not stored: {each}" for each in list(less.elements())[:3]]
    wrong += [f"{len(found - wanted)} too many and {len(wanted - found)} missing"] if wrong else []
    return wrong + _words(user) + _journals(storm, stage, folder, rounds, person)


def _evidence(storm: Storm, stage: Stage, rounds: int, person: int) -> list[Evidence]:
    told: list[Evidence] = []
    for round_ in range(rounds):
        if storm.disconnects(round_, person):
            told = [each for each in told if each.origin not in (Origin.POLL, Origin.WATCH)]
        for worker in range(storm.workers):
            for deed in storm.of(round_, worker):
                if deed.person == person:
                    told += storm.told(deed, stage.tracks, stage.words)
    return told


def _by_hand(user: User) -> list[Evidence]:
    """What a person's own words say: all that stand, but those that a later one changed."""
    from ingest.actions import hands

    standing = HandPlay.objects.filter(user=user).standing().order_by("id")
    told: list[Evidence] = []
    for word in standing:
        former = hands._formerly(word)
        gone = reconcile.identity(former) if former else None
        told = [each for each in told if reconcile.identity(each) != gone] + [hands.told(word)]
    return told


def _plain(event: Evidence) -> Evidence:
    return replace(event, import_id=None)


def _stored(user: User) -> Counter[Any]:
    merged: dict[int, set[Any]] = {}
    for row in MergedPlay.objects.filter(user=user):
        details = {name: value for name, value in row.details.items() if name in reconcile.DETAILS}
        merged.setdefault(row.play_id, set()).add((_event(row, details), tuple(row.details.get("gave", ()))))
    found: Counter[Any] = Counter()
    for pk in Play.objects.of(user).values_list("pk", flat=True):
        (play,) = played(Play.objects.filter(pk=pk))
        found[_plain(play), frozenset(merged.pop(pk, ()))] += 1
    found.update(("a merged event without its play", pk) for pk in merged)
    return found


def _event(row: MergedPlay, details: dict[str, Any]) -> Evidence:
    from accounts.fields import to_ms

    times = (to_ms(row.started_at), to_ms(row.ended_at), row.ms_played)
    return Evidence(row.origin, row.track_id, *times, is_estimate=row.is_estimate, **details)


def _words(user: User) -> list[str]:
    """Two words in the place of one listening would be two plays of it."""
    replaced = Counter(
        HandPlay.objects.filter(user=user, was_track__isnull=False)
        .standing()
        .values_list("was_track", "was_started_at", "was_ms_played", "was_origin")
    )
    return [f"{count} words stand in the place of {was}" for was, count in replaced.items() if count > 1]


def _journals(storm: Storm, stage: Stage, folder: Path, rounds: int, person: int) -> list[str]:
    """Whether what processes were told is done is done, once."""
    own = {"user_id": stage.people[person]}
    words = {word.act: word for word in HandPlay.objects.filter(**own)}
    hidden = Counter(HiddenPlay.objects.filter(**own, replaced=False).values_list("act", flat=True))
    standing = set(HiddenPlay.objects.filter(**own).standing().values_list("act", flat=True))
    standing |= {act for act, word in words.items() if word.undone_at is None}
    wrong = []
    for line in _lines(storm, folder, rounds, person):
        told = line["result"]
        if told.get("act") and told["act"] not in words:
            wrong.append(f"{line['deed']}: the word {told['act']} is not there")
        if told.get("hidden") and not hidden[told["hidden"]]:
            wrong.append(f"{line['deed']}: nothing is hidden by {told['hidden']}")
        if told.get("import"):
            done = HistoryImport.objects.get(pk=told["import"])
            if done.state != "done" or done.new + done.duplicate + done.merged + done.set_aside != done.rows:
                wrong.append(f"{line['deed']}: import {done.pk} is {done.state} and does not add up")
    return wrong


def _lines(storm: Storm, folder: Path, rounds: int, person: int) -> list[dict[str, Any]]:
    return [
        line
        for round_ in range(rounds)
        for worker in range(storm.workers)
        for line in read_journal(folder / f"journal-{round_}-{worker}.jsonl")
        if line.get("person") == person and "result" in line
    ]


def counted(storm: Storm, folder: Path, rounds: int) -> dict[str, int]:
    """How many deeds of each kind were done."""
    lines = [
        line
        for round_ in range(rounds)
        for worker in range(storm.workers)
        for line in read_journal(folder / f"journal-{round_}-{worker}.jsonl")
    ]
    done = Counter(line["kind"] for line in lines if "result" in line)
    return dict(sorted(done.items())) | {"begun": sum("begun" in line for line in lines)}
