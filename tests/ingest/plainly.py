"""What a person heard, counted row by row out of the database: slow and obvious, without arrays, columns or shelf."""

from datetime import date
from zoneinfo import ZoneInfo

from accounts.fields import to_ms
from ingest import lens
from ingest.evidence import Origin
from ingest.models import HiddenPlay, ListeningFilter, OwnGrouping, Play, Track


def plainly(user):
    """Start, end, track that stands for the recording, whether it counts, and the local day, of each play, in order."""
    rows = list(Play.objects.of(user).order_by("started_at", "id").select_related("track"))
    chosen = lens.of(user)
    groups = _groups(user, sorted({row.track_id for row in rows})) if chosen.groups_recordings else {}
    hidden = list(HiddenPlay.objects.filter(user=user).standing())
    out = set(ListeningFilter.objects.filter(user=user).values_list("value", flat=True))
    found = []
    for row in rows:
        group_of = groups.get(row.track_id, row.track_id)
        gone = any(
            groups.get(each.track_id, each.track_id) == group_of
            and _shares_most((row.started_at, row.ended_at), (each.started_at, each.ended_at))
            and not (each.replaced and row.origin == Origin.HAND)  # the person's own word stays
            for each in hidden
        )
        if not gone and row.track_id not in out:
            day = (row.started_at.astimezone(ZoneInfo(user.time_zone)).date() - date(1970, 1, 1)).days
            counted = _counts(row, chosen.rule.name)
            found.append((to_ms(row.started_at), to_ms(row.ended_at), group_of, counted, day))
    return found


def _groups(user, tracks):
    home = dict(Track.objects.filter(pk__in=tracks).values_list("id", "recording_id"))
    groups = {
        pk: min(other for other in tracks if other == pk or (home[pk] and home[other] == home[pk])) for pk in tracks
    }
    marks = dict(groups)
    for word in OwnGrouping.objects.of(user).standing().order_by("made_at", "id"):
        if word.track_id not in marks or (word.other_id and word.other_id not in marks):
            continue
        mine, theirs = marks[word.track_id], marks.get(word.other_id)
        if word.is_same:
            marks = {pk: theirs if mark == mine else mark for pk, mark in marks.items()}
        elif mine == theirs or theirs is None:
            marks[word.track_id] = -word.track_id
    return {pk: min(other for other in tracks if marks[other] == marks[pk]) for pk in tracks}


def _shares_most(one, other):
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return 2 * shared > min(one[1] - one[0], other[1] - other[0])


def _counts(row, rule):
    length = row.track.duration_ms
    if rule == "finished":
        return bool(length and 100 * row.ms_played >= 98 * length)
    return row.ms_played >= 30_000 or bool(rule == "vibesite" and length and 2 * row.ms_played >= length)


def read(user):
    plays = lens.read(user).heard()
    groups = plays.facts.group[plays.place]
    rows = (plays.started, plays.ended, groups, plays.counts, plays.days)
    return list(zip(*(values.tolist() for values in rows), strict=True))
