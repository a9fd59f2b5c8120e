"""The older tool's pipeline: steps, jobs, sources fetched and joined; and how Spotify stands."""

from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.errors import HttpError

from accounts.access import get_owned
from accounts.api import PAGE, may, within
from accounts.models import Job, SpotifyConnection, User
from ingest.actions import fetch, sources
from ingest.api import person
from ingest.models import TrackSource
from playlists.actions import known_tracks, pipeline
from playlists.actions.pipeline import KINDS, STEPS
from playlists.api.pipeline_shapes import (
    AuthStatus,
    JobList,
    Joined,
    PipelineJob,
    SourceOut,
    SourceWish,
    SourceWishes,
    Status,
)

router = Router(tags=["pipeline"])
STEP_OF = {**{kind: step for step, kind in KINDS.items()}, fetch.KIND: fetch.KIND}
MOST_TRACKS = 10_000  # of one answer


class Unauthenticated(Exception):
    """No Spotify account is connected that could be asked; answered 401 with `auth_url`."""


# --- How things stand -------------------------------------------------------------------------------------------------
@router.get("/pipeline/health", auth=None, response={200: dict[str, str], 503: dict[str, str]}, summary="Well or not")
def health(request: HttpRequest) -> tuple[int, dict[str, str]]:
    """Whether the database answers; nothing private, no sign-in."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return 503, {"status": "degraded"}
    return 200, {"status": "ok"}


@router.get("/auth/status", response=AuthStatus, auth=may("read"), summary="Whether Spotify can be asked")
def auth_status(request: HttpRequest) -> dict[str, Any]:
    found = _connection(person(request))
    if found is None:
        return {"authenticated": False, "auth_url": auth_url(request)}
    return {
        "authenticated": True,
        "account": str(found),
        "account_id": found.spotify_user_id,
        "scopes": found.scopes,
        "consent_ends_at": found.consent_ends_at,
    }


def auth_url(request: HttpRequest) -> str:
    """Where a person connects Spotify."""
    return request.build_absolute_uri("/connections/")


def _connection(user: User) -> SpotifyConnection | None:
    return SpotifyConnection.objects.active().of(user).order_by("pk").first()


# --- Steps ------------------------------------------------------------------------------------------------------------
def _step(request: HttpRequest) -> dict[str, Any]:
    """What the step comes to with what is known now: asks nobody, changes nothing. `run-async` does more."""
    step = request.path.rstrip("/").rpartition("/")[2]
    return pipeline.outcome(step, user=person(request), now=timezone.now())


for _name in STEPS:
    router.add_api_operation(
        f"/pipeline/{_name}",
        ["GET"],
        _step,
        response=dict[str, Any],
        auth=may("read"),
        operation_id=f"pipeline_{_name}",
        summary=f"The step “{_name}”",
    )


@router.post("/pipeline/{step}/run-async", response=PipelineJob, auth=may("edit"), summary="Run a step as a job")
def run_async(request: HttpRequest, step: str) -> dict[str, Any]:
    """tracks, external, classify, build or diff. Writing playlists wants a person's word, given on the page."""
    if step == "apply":
        raise HttpError(409, "“apply” is not run by programs: a person confirms the plan on the playlist's page.")
    if step not in STEPS:
        raise HttpError(400, f"There is no step “{step[:40]}”; there are {', '.join(STEPS)}.")
    return told(pipeline.start(user=person(request), step=step))


# --- Jobs -------------------------------------------------------------------------------------------------------------
_QUEUED = Q(state=Job.State.QUEUED)
_BEGUN = Q(started_at__isnull=False)
_STATUS: dict[str, Q] = {
    "pending": _QUEUED & ~_BEGUN,
    "running": Q(state=Job.State.RUNNING) | (_QUEUED & _BEGUN),  # put off, it is still under way
    "done": Q(state=Job.State.DONE),
    "error": Q(state__in=(Job.State.FAILED, Job.State.CANCELLED)),
}


@router.get("/pipeline/jobs", response=JobList, auth=may("read"), summary="Jobs of steps and sources, newest first")
def job_list(
    request: HttpRequest,
    step: str = "",
    status: Status | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> dict[str, Any]:
    """Without their payloads: those are told by `/pipeline/jobs/{id}`."""
    kinds = [kind for kind, name in STEP_OF.items() if step in ("", name)]
    found = Job.objects.of(person(request)).filter(kind__in=kinds)
    if status is not None:
        found = found.filter(_STATUS[status])
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.defer("result", "step", "traceback").order_by("-pk")[: within(limit) + 1])
    page = rows[: within(limit)]
    return {"jobs": [told(job) for job in page], "next": page[-1].pk if len(rows) > len(page) else None}


@router.get("/pipeline/jobs/{pk}", response=PipelineJob, auth=may("read"), summary="One job, with what it brought")
def job(request: HttpRequest, pk: str) -> dict[str, Any]:
    found = get_owned(request.user, Job.objects.filter(kind__in=STEP_OF), pk, owner_field="owner")
    return told(found, whole=True)


def told(job: Job, *, whole: bool = False) -> dict[str, Any]:
    """A job in the older tool's words; with its payload if it is told `whole`."""
    status = next(name for name, states in _STATES.items() if job.state in states)
    if job.state == Job.State.QUEUED and job.started_at is not None:
        status = "running"
    done = status == "done"
    share = job.done / job.total if job.total else 0.0
    return {
        "id": str(job.pk),
        "step": STEP_OF[job.kind],
        "status": status,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "updated_at": job.finished_at or job.heartbeat_at or job.started_at or job.created_at,
        "progress": 1.0 if done else min(share, 1.0),
        "message": (job.error if status == "error" else "") or job.message or None,
        "payload": _payload(job) if whole and done else None,
        "metadata": _metadata(job),
    }


_STATES = {
    "pending": (Job.State.QUEUED,),
    "running": (Job.State.RUNNING,),
    "done": (Job.State.DONE,),
    "error": (Job.State.FAILED, Job.State.CANCELLED),
}


def _metadata(job: Job) -> dict[str, Any]:
    names = ("source_type", "source_id", "source_label")
    found = {name: job.parameters[name] for name in names if name in job.parameters}
    return found | {"source_id": None} if found.get("source_type") == TrackSource.Kind.LIKED else found


def _payload(job: Job) -> dict[str, Any]:
    """What a done job brought: of a source, its tracks as last read whole."""
    if job.kind != fetch.KIND:
        return job.result
    source = TrackSource.objects.filter(pk=job.parameters.get("source"), user=job.owner).first()
    ids = list(dict.fromkeys(fetch.track_ids(source, now=timezone.now()))) if source else []
    page = ids[:MOST_TRACKS]
    return {
        "step": fetch.KIND,
        "status": "done",
        "source": _metadata(job),
        "tracks": known_tracks.listed(page, known_tracks.added(page, [source] if source else [])),
        "total": len(ids),
    }


# --- Sources ----------------------------------------------------------------------------------------------------------
@router.get("/pipeline/tracks/sources", response=list[SourceOut], auth=may("read"), summary="Sources, likes first")
def source_list(request: HttpRequest) -> list[dict[str, Any]]:
    user = person(request)
    if _connection(user) is None:
        raise Unauthenticated
    return [_standing(each) for each in TrackSource.objects.of(user).in_order()]


@router.get("/spotify/playlists", response=dict[str, Any], auth=may("read"), summary="The person's playlists")
def playlists(request: HttpRequest) -> dict[str, Any]:
    """As they were last listed; those that Spotify lets no app read are marked."""
    user = person(request)
    if _connection(user) is None:
        raise Unauthenticated
    lists = TrackSource.objects.of(user).filter(kind=TrackSource.Kind.PLAYLIST).in_order()
    shown = [
        {
            "id": each.spotify_id,
            "name": each.name,
            "owner": each.owner_name,
            "owner_id": each.owner_id,
            "tracks_total": each.total,
            "public": each.is_public,
            "collaborative": each.is_collaborative,
            "readable": each.is_readable,
            "reason": each.get_unreadable_reason_display() if each.unreadable_reason else "",
            "url": each.spotify_url,
        }
        for each in lists
    ]
    return {"playlists": shown, "total": len(shown)}


@router.post("/pipeline/tracks/fetch-sources", response=JobList, auth=may("edit"), summary="Fetch sources, a job each")
def fetch_sources(request: HttpRequest, asked: SourceWishes) -> dict[str, Any]:
    """One job for each source; a source that is being fetched already has that job."""
    user = person(request)
    chosen = [_source(user, wish) for wish in asked.sources]
    try:
        started = fetch.start_fetch(user=user, sources=chosen)
    except fetch.NotConnected:
        raise Unauthenticated from None
    return {"jobs": [told(each) for each in started]}


def _source(user: User, wish: SourceWish) -> TrackSource:
    """The person's source of that type and id. Unauthenticated for likes of nobody; Http404 for what is not theirs."""
    mine = TrackSource.objects.of(user).filter(kind=wish.source_type[:10].replace("\0", ""))
    if wish.source_type == TrackSource.Kind.LIKED:
        here = _connection(user)
        found = mine.filter(connection=here).first() if here else mine.order_by("pk").first()
        if found is None and here is None:
            raise Unauthenticated
        return found or sources.liked(here)  # type: ignore[arg-type]  # there is a connection
    asked = (wish.source_id or "")[:64].replace("\0", "")
    named = Q(spotify_id=asked) | Q(asked=asked) if asked else Q(spotify_id="", asked="")
    if asked.isascii() and asked.isdecimal() and len(asked) < 10:
        named |= Q(pk=int(asked))
    found = mine.filter(named).order_by("pk").first()
    if found is None:
        raise Http404
    return found


@router.get("/pipeline/tracks/aggregate", response=Joined, auth=may("read"), summary="Fetched sources as one list")
def aggregate(request: HttpRequest, limit: int = MOST_TRACKS, offset: int = 0) -> dict[str, Any]:
    """Those that were fetched here, and those that are switched on: each track once, with all that hold it."""
    user = person(request)
    fetched = Job.objects.of(user).filter(kind=fetch.KIND, state=Job.State.DONE).values_list("parameters", flat=True)
    keys = {parameters.get("source") for parameters in fetched}
    chosen = TrackSource.objects.of(user).filter(Q(pk__in=keys - {None}) | Q(included=True))
    found = fetch.aggregate(user=user, sources=chosen, now=timezone.now())
    names = {each.pk: _named(each) for each in found.sources}
    start = max(offset, 0)
    page = found.tracks[start : start + min(max(limit, 0), MOST_TRACKS)]
    held = {each.track_id: [names[pk] for pk in each.source_ids] for each in page}
    tracks = known_tracks.listed_by_key(list(held), known_tracks.added(list(held), found.sources))
    return {
        "tracks": [{**track, "sources": held[pk]} for pk, track in tracks.items()],
        "sources": list(names.values()),
        "total": len(found.tracks),
    }


def _named(source: TrackSource) -> dict[str, Any]:
    is_liked = source.kind == TrackSource.Kind.LIKED
    known = None if is_liked else source.spotify_id or source.asked or str(source.pk)
    return {"source_type": source.kind, "source_id": known, "source_label": str(source)}


def _standing(source: TrackSource) -> dict[str, Any]:
    return {
        **_named(source),
        "owner": source.owner_name,
        "total": source.total,
        "included": source.included,
        "readable": source.is_readable,
        "reason": source.get_unreadable_reason_display() if source.unreadable_reason else "",
        "fetched_at": source.pulled_at,
    }
