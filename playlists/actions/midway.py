"""What a playlist held when we last wrote it, also if that run never came to its end."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from playlists import writing
from playlists.models import SyncRun

State = SyncRun.State


@dataclass(frozen=True, slots=True)
class Left:
    """What differs from `base` was done by somebody else; None: we never wrote it. What hands did before that."""

    base: list[str] | None
    hand_added: list[str]
    hand_removed: list[str]


def left(run: SyncRun, own: Sequence[str], fixed: frozenset[str]) -> Left:
    """As the runs before `run` left its playlist, which holds `own` now. One that ended midway took out what it was to
    put in again: measured by what was there before it, that would look like removed by hand."""
    playlist = run.playlist
    others = playlist.runs.exclude(pk=run.pk)
    # In the order in which they were made, which is that of their writing: a clock may have been another one then.
    ended = others.filter(state__in=(State.DONE, State.UNCHANGED), finished_at__isnull=False)
    whole = ended.order_by("-pk").values_list("pk", flat=True).first() or 0
    midway = others.filter(has_begun=True, state__in=(State.FAILED, *SyncRun.WRITING), pk__gt=whole)
    last = midway.order_by("-pk").first()
    if last is None:
        return Left(playlist.synced_uris, playlist.hand_added, playlist.hand_removed)
    return Left(nearest(last, own, fixed | set(last.fixed)), last.hand_added, last.hand_removed)


def nearest(run: SyncRun, own: Sequence[str], fixed: frozenset[str] | set[str]) -> list[str]:
    """Of the states in which `run` may have left the list, before or after its last call, the one that `own` is nearest
    to; without what is fixed."""
    calls = tuple(writing.Call.of_json(call) for call in run.calls[: run.calls_done + 1])
    states = writing.Plan(tuple(run.start), (), calls).states[run.calls_done :]
    return min((without(state, fixed) for state in states), key=lambda state: _apart(state, own))


def _apart(one: Sequence[str], other: Sequence[str]) -> int:
    """How many items are in one of two lists alone."""
    first, second = Counter(one), Counter(other)
    return (first - second).total() + (second - first).total()


def without(items: Iterable[str], fixed: frozenset[str] | set[str]) -> list[str]:
    return [item for item in items if item not in fixed]
