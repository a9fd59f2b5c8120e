"""A person's word on very many tracks, or taking it back, as a job: in steps, each whole, none done twice.

One such job of a person at a time. What they say meanwhile of single tracks is later, and stays.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import jobs
from accounts.models import Job, User
from ingest.actions import label
from ingest.models import FactAct, Track
from ingest.own import Value

KIND = "label_tracks"
AT_ONCE = 300  # tracks that are said of within a request; of more, a job does it
_STEP = 2_000  # tracks of one transaction


class Busy(Exception):
    """Another word of this person is still being written."""


def start(
    *, user: User, tracks: Collection[int], chosen: int, field: str, value: Value | None, now: datetime
) -> FactAct:
    """Say `value` of all `tracks`, the versions of `chosen` recordings (None: take back what was said). Raises Busy."""
    with transaction.atomic():
        act = label.begin(user=user, field=field, value=value, now=now)
        act.wanted = np.unique(np.fromiter(tracks, dtype="<i4", count=len(tracks))).tobytes()
        act.job = _queued(act, chosen=chosen, undo=False)
        act.save(update_fields=["wanted", "job"])
    return act


def start_undo(*, act: FactAct, now: datetime) -> bool:
    """Undo it as a whole; False if that was done before. Raises Busy."""
    with transaction.atomic():
        if not FactAct.objects.of(act.user).standing().filter(pk=act.pk).update(undone_at=now):
            return False
        job = _queued(act, chosen=act.tracks, undo=True)
        FactAct.objects.filter(pk=act.pk).update(job=job)
    return True


def open_of(user: User) -> Job | None:
    """The one that is under way."""
    return Job.objects.of(user).open().filter(kind=KIND).first()


def _queued(act: FactAct, *, chosen: int, undo: bool) -> Job:
    parameters = {"act": act.pk, "chosen": chosen, "undo": undo}
    job = jobs.start(KIND, owner=act.user, parameters=parameters, key=str(act.user_id), message=_("About to begin."))
    if job.parameters != parameters:
        raise Busy
    return job


def _why_not(job: Job) -> str:
    act = FactAct.objects.filter(pk=job.parameters["act"], user=job.owner).first()
    if act is None:
        return _("It is too long ago.")
    return _("You undid it since.") if act.undone_at and act.tracks and not job.parameters["undo"] else ""


@jobs.handler(KIND, again=jobs.start_same, why_not=_why_not)
def write(run: jobs.Run) -> dict[str, Any]:
    """Begun again it does what is left."""
    if reason := _why_not(run.job):
        raise jobs.Failure(reason)
    act = FactAct.objects.select_related("user").get(pk=run.parameters["act"])
    chosen, undo = run.parameters["chosen"], run.parameters["undo"]
    run.advance(0, chosen, unit="tracks", message=_("Putting it back") if undo else _("Writing your word"))
    for at, size in _put_back(run, act) if undo else _said(run, act):
        run.advance(chosen * at // max(1, size))
    changed = run.step.get("changed", 0) if undo else act.tracks
    run.advance(chosen, chosen, message=_outcome(act, chosen, changed))
    return {"tracks": chosen, "changed": changed}


def _said(run: jobs.Run, act: FactAct) -> Iterator[tuple[int, int]]:
    """How many tracks are done, of how many, after each step."""
    wanted = np.frombuffer(act.wanted or b"", dtype="<i4").tolist()
    at = run.step.get("at", 0)
    while at < len(wanted):
        with transaction.atomic():
            label.hold(act.user_id)
            part = Track.objects.filter(pk__in=wanted[at : at + _STEP])  # without those that are gone meanwhile
            label.apply(act, list(part.values_list("pk", flat=True)))
            at = min(at + _STEP, len(wanted))
            run.commit_step(at=at)
        yield at, len(wanted)
    ended = {} if act.tracks else {"undone_at": timezone.now()}  # there is nothing to undo
    FactAct.objects.filter(pk=act.pk).update(wanted=None, **ended)


def _put_back(run: jobs.Run, act: FactAct) -> Iterator[tuple[int, int]]:
    size = act.changes.count()
    after, at, changed = (run.step.get(name, 0) for name in ("after", "at", "changed"))
    while rows := list(act.changes.filter(pk__gt=after).order_by("pk")[:_STEP].values_list("pk", "track_id", "before")):
        with transaction.atomic():
            label.hold(act.user_id)
            changed += label.put_back(act, {track: before for _pk, track, before in rows}, now=timezone.now())
            after, at = rows[-1][0], at + len(rows)
            run.commit_step(after=after, at=at, changed=changed)
        yield at, size


def _outcome(act: FactAct, chosen: int, changed: int) -> str:
    if not changed:
        return _("Nothing was changed: it was so before.")
    if act.undone_at:
        return _("Undone. It is as it was said before.")
    return said(chosen, taken_back=act.value is None)


def said(count: int, *, taken_back: bool) -> str:
    """What a person reads when it is done."""
    if taken_back:
        text = ngettext("Your word on %(n)s track is taken back.", "Your word on %(n)s tracks is taken back.", count)
    else:
        text = ngettext(
            "Said of %(n)s track. It counts from now on.", "Said of %(n)s tracks. It counts from now on.", count
        )
    return text % {"n": formats.number_format(count, force_grouping=True)}
