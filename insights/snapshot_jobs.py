"""Snapshots that a person asked for, as a job: the newest plays first, then the figures."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job, User
from ingest.actions import catch_up
from insights.actions import snapshots
from insights.models import ListeningSnapshot

KIND = "take_snapshots"
WEEKS = 51  # before today, of which the course of the last year is drawn


def start(*, user: User, ranges: Iterable[str] = (), past: bool = False) -> Job:
    """Queue the snapshots of today, of some ranges or of all; an open job for the same is returned instead.

    `past`: also of each week of the last year, from the plays that are known by now. ValueError for no such range.
    """
    wanted = set(ranges) or set(ListeningSnapshot.Range.values)
    if unknown := wanted - set(ListeningSnapshot.Range.values):
        raise ValueError(f"no such range: {', '.join(sorted(unknown))}")
    kinds = [kind for kind in ListeningSnapshot.Range.values if kind in wanted]
    key = "+".join([str(user.pk), *kinds, *(["past"] if past else [])])
    return jobs.start(KIND, owner=user, parameters={"ranges": kinds, "past": past}, key=key)


@jobs.handler(KIND, queue="insights", max_attempts=3, again=jobs.start_same)
def take(run: jobs.Run) -> dict[str, Any]:
    """A repeat writes the same rows again."""
    user = run.job.owner
    if user is None:
        return {}
    run.advance(0, message=_("Asking Spotify for what is new"))
    catch_up.newest_plays(user=user, now=timezone.now())
    now = timezone.now()
    today = now.astimezone(user.zone).date()
    days = snapshots.weeks_to(today, WEEKS) if run.parameters.get("past") else [today]
    run.advance(0, len(days), _("Adding up what you heard"))
    kept: list[int] = []
    written = 0
    for number, kept in enumerate(snapshots.take(user=user, days=days, ranges=run.parameters["ranges"], now=now)):
        written += len(kept)
        run.advance(number + 1)
    run.job.message = _("Your figures are ready.")
    return {"written": written, "snapshots": kept}
