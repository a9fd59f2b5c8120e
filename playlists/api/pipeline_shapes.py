"""What the older tool's pipeline says and is told, in JSON."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

Status = Literal["pending", "running", "done", "error"]
AT_ONCE = 200  # sources of one wish


class Source(Schema):
    """One source of tracks. `source_id` is Spotify's, else ours; null for likes."""

    source_type: str
    source_id: str | None = None
    source_label: str = ""


class SourceOut(Source):
    """With how it stands."""

    owner: str = ""
    total: int = Field(..., description="tracks, as Spotify announced them or as they were last read")
    included: bool
    readable: bool
    reason: str = Field("", description="why it cannot be read")
    fetched_at: datetime | None = None


class SourceWish(Schema):
    """A source to be fetched."""

    source_type: str
    source_id: str | None = None
    label: str | None = None


class SourceWishes(Schema):
    sources: list[SourceWish] = Field(..., min_length=1, max_length=AT_ONCE)


class PipelineJob(Schema):
    """One job; its status goes from pending to running to done or error, and never back."""

    id: str
    step: str
    status: Status
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    updated_at: datetime | None
    progress: float = Field(..., description="0 to 1")
    message: str | None
    payload: dict[str, Any] | None
    metadata: dict[str, Any]


class JobList(Schema):
    jobs: list[PipelineJob]
    next: int | None = Field(None, description="give it as `before` to read on")


class Joined(Schema):
    """Sources as one list."""

    tracks: list[dict[str, Any]]
    sources: list[Source]
    total: int


class AuthStatus(Schema):
    authenticated: bool
    account: str | None = None
    account_id: str | None = None
    scopes: list[str] = []
    consent_ends_at: datetime | None = None
    auth_url: str | None = Field(None, description="where to connect")
