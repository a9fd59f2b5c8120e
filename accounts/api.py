"""What every operation of the JSON API shares; and a person, their jobs and connections.

Whoever calls has a token with the scope that the operation asks for, or is signed in (then changes need the CSRF
token).
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, ModelSchema, Router, Schema
from ninja.security import HttpBearer, SessionAuth

from accounts import jobs, keys
from accounts.access import get_owned
from accounts.models import Job, SpotifyConnection, User

PAGE = 50
MOST = 1_000  # rows of one page


class Bearer(HttpBearer):
    """`Authorization: Bearer …` or `Token …`, a token that may do `scope`."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> User | None:
        try:
            return self.authenticate(request, keys.text_of(request))
        except (keys.TokenMissing, keys.TokenMalformed):
            return None  # what else it says is not for us: the session may do

    def authenticate(self, request: HttpRequest, token: str) -> User:
        found = keys.token_of(token, scope=self.scope, now=timezone.now())
        request.user = found.user
        return found.user


def may(scope: str) -> list[Any]:
    """Who may call: a token with `scope`, or the person's own session."""
    return [Bearer(scope), SessionAuth(csrf=True)]


router = Router(tags=["person"])


class Me(Schema):
    """The person whose token or session this is."""

    username: str
    time_zone: str = Field(..., description="IANA name; every local day and hour is of this zone")
    language: str
    week_starts_on: int = Field(..., description="1 Monday to 7 Sunday")


class JobOut(ModelSchema):
    """A run of long work."""

    id: int
    share: float | None = Field(None, description="0 to 1; null while the total is not known")

    class Meta:
        model = Job
        fields = ["id", "kind", "state", "done", "total", "unit", "message", "error", "result", "created_at",
                  "started_at", "finished_at", "not_before"]  # fmt: skip


class JobPage(Schema):
    items: list[JobOut]
    next: int | None = Field(None, description="give it as `before` to read on")


class ConnectionOut(Schema):
    """The state of one consent at Spotify; never its tokens."""

    id: int
    display_name: str
    state: str
    reason: str = Field(..., alias="state_reason")
    scopes: list[str]
    authorized_at: datetime
    consent_ends_at: datetime


@router.get("/me", response=Me, auth=may("read"), summary="Whose token this is")
def me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@router.get("/jobs", response=JobPage, auth=may("read"), summary="The person's jobs, newest first")
def job_list(request: HttpRequest, before: int | None = None, limit: int = PAGE) -> dict[str, Any]:
    assert isinstance(request.user, User)
    found = Job.objects.of(request.user)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: within(limit) + 1])
    page = rows[: within(limit)]
    return {"items": page, "next": page[-1].pk if len(rows) > len(page) else None}


@router.get("/jobs/{pk}", response=JobOut, auth=may("read"), summary="One job: how far it is")
def job(request: HttpRequest, pk: int) -> Job:
    return get_owned(request.user, Job, pk, owner_field="owner")


@router.post("/jobs/{pk}/cancel", response={202: JobOut}, auth=may("import"), summary="Ask a job to stop")
def cancel(request: HttpRequest, pk: int) -> tuple[int, Job]:
    found = get_owned(request.user, Job, pk, owner_field="owner")
    jobs.cancel(job=found, now=timezone.now())
    found.refresh_from_db()
    return 202, found


@router.get("/connections", response=list[ConnectionOut], auth=may("read"), summary="Consents at Spotify, state only")
def connections(request: HttpRequest) -> list[SpotifyConnection]:
    assert isinstance(request.user, User)
    return list(SpotifyConnection.objects.of(request.user).order_by("id"))


def within(limit: int) -> int:
    """How many rows a page may have: what was asked for, between 1 and MOST."""
    return min(max(limit, 1), MOST)
