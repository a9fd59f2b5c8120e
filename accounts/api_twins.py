"""Operations of the older insights API under their first addresses, with sign-in: people, tokens, tasks."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from pydantic import SecretStr

from accounts.access import get_owned
from accounts.actions import hand_over, register
from accounts.api import may
from accounts.models import Job, SpotifyApp, User
from accounts.spotify import registration
from accounts.spotify.wire import Secret

router = Router(tags=["twins"])
SPOTIFY_ID = r"^[^\s/\x00-\x1f]{1,80}$"
HOUR_S = 3600
MOST = 4096  # characters of a token


class Registered(Schema):
    """A person known by their Spotify account."""

    user_id: int
    spotify_user_id: str
    display_name: str
    created: bool = Field(..., description="false: they were here already")


class Newcomer(Schema):
    spotify_user_id: str = Field(..., pattern=SPOTIFY_ID)
    display_name: str = Field("", max_length=150)


class Tokens(Schema):
    """Spotify's tokens of one account. They are sealed at once, and never given back."""

    access_token: SecretStr = Field(..., min_length=1, max_length=MOST)
    refresh_token: SecretStr = Field(SecretStr(""), max_length=MOST)
    expires_in: int = Field(HOUR_S, ge=1, le=365 * 24 * HOUR_S, description="seconds from now")
    expires_at: datetime | None = Field(None, description="instead of `expires_in`")
    scope: str = Field("", max_length=2000, description="as granted, with spaces between")
    user_id: int | None = Field(None, description="somebody whom the caller registered; without it, the caller")
    spotify_user_id: str = Field("", pattern=r"^$|" + SPOTIFY_ID, description="whose they are, if that is not known")
    client_id: str = Field("", max_length=64, description="of the Spotify app they were issued to")


class Stored(Schema):
    """What was stored; the tokens themselves are told to nobody."""

    user_id: int
    spotify_user_id: str
    state: Literal["checking"] = "checking"
    expires_at: datetime
    scopes: list[str]


class TaskOut(Schema):
    """A job as the older API called its tasks."""

    task_id: str
    status: Literal["PENDING", "STARTED", "SUCCESS", "FAILURE"]
    result: dict[str, Any] | None = None
    error: str | None = None


_AUTH = may("register")
_STATUS: dict[str, Any] = {
    Job.State.QUEUED: "PENDING",
    Job.State.RUNNING: "STARTED",
    Job.State.DONE: "SUCCESS",
    Job.State.FAILED: "FAILURE",
    Job.State.CANCELLED: "FAILURE",
}


def task_of(job: Job) -> dict[str, Any]:
    """A job in the words of the older API."""
    ended_badly = job.state in (Job.State.FAILED, Job.State.CANCELLED)
    return {
        "task_id": str(job.pk),
        "status": _STATUS[job.state],
        "result": job.result if job.state == Job.State.DONE else None,
        "error": (job.error or job.message) if ended_badly else None,
    }


def caller(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@router.post("/users/register", response={200: Registered, 201: Registered}, auth=_AUTH, summary="Register a person")
def register_person(request: HttpRequest, asked: Newcomer) -> tuple[int, dict[str, Any]]:
    """Made by a first call; the same again gives the same person."""
    now, spotify_id = timezone.now(), asked.spotify_user_id
    name = asked.display_name.strip().replace("\x00", "")
    try:
        user, created = register.person(by=caller(request), spotify_user_id=spotify_id, display_name=name, now=now)
    except register.Refused as refused:
        raise HttpError(refused.status, str(refused)) from refused
    told = {"user_id": user.pk, "spotify_user_id": spotify_id, "display_name": user.first_name, "created": created}
    return 201 if created else 200, told


@router.post("/tokens/store", response={202: Stored}, auth=_AUTH, summary="Hand over Spotify tokens")
def store_tokens(request: HttpRequest, asked: Tokens) -> tuple[int, dict[str, Any]]:
    """Sealed at once, then checked with Spotify: the connections say what came of it."""
    now, by = timezone.now(), caller(request)
    user = register.in_care_of(by, asked.user_id or by.pk)
    if user is None:
        raise Http404
    spotify_id = asked.spotify_user_id or register.spotify_id_of(user)
    if not spotify_id:
        raise HttpError(422, "Say in “spotify_user_id” whose tokens these are: no Spotify account is known yet.")
    expires_at = asked.expires_at or now + timedelta(seconds=asked.expires_in)
    expires_at = expires_at if expires_at.tzinfo else expires_at.replace(tzinfo=UTC)
    scopes = asked.scope.split() or list(settings.SPOTIFY_SCOPES)
    try:
        hand_over.store(
            user=user,
            app=_app(user, asked.client_id, now),
            spotify_user_id=spotify_id,
            access=Secret(asked.access_token.get_secret_value()),
            refresh=Secret(asked.refresh_token.get_secret_value()),
            expires_at=expires_at,
            scopes=scopes,
            now=now,
        )
    except hand_over.NoSeat:
        raise HttpError(
            409, "The Spotify app has no free seat. Its keeper can make room, or bring another app."
        ) from None
    return 202, {"user_id": user.pk, "spotify_user_id": spotify_id, "expires_at": expires_at, "scopes": scopes}


@router.get("/tasks/{pk}", response=TaskOut, auth=may("read"), summary="How far a task is")
def task(request: HttpRequest, pk: str) -> dict[str, Any]:
    return task_of(get_owned(request.user, Job, pk, owner_field="owner"))


def _app(user: User, client_id: str, now: datetime) -> SpotifyApp:
    """The app that the tokens were issued to, or the one that the person would connect through."""
    if client_id:
        app = SpotifyApp.objects.usable().visible_to(user).filter(client_id=client_id).first()
    else:
        app = registration.for_login(user=user, wanted="", remembered=None, now=now)
    if app is None:
        raise HttpError(422, "No such Spotify app is known here.")
    return app
