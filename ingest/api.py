"""The JSON API on what was heard: plays, the catalogue as far as the person has heard it, imports."""

from datetime import datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, File, ModelSchema, Query, Router, Schema
from ninja.errors import HttpError
from ninja.files import UploadedFile

from accounts.access import get_owned
from accounts.api import PAGE, may, within
from accounts.fields import from_ms
from accounts.models import User
from ingest import lens, log, log_address
from ingest.actions import imports
from ingest.heard import What
from ingest.log import BadCursor, Entry, Place
from ingest.models import Album, Artist, HistoryImport, Track
from ingest.period import DAY_PATTERN, PATTERN, BadPeriod, Period, parse

router = Router(tags=["plays"])


class Thing(Schema):
    """An artist or album."""

    id: int
    name: str
    spotify_id: str | None = None


class TrackOut(Schema):
    id: int
    name: str
    spotify_id: str | None = None
    isrc: str
    duration_ms: int | None = None
    kind: str = Field(..., description="music, episode, chapter or video")
    artist: Thing | None = None
    album: Thing | None = None

    @staticmethod
    def resolve_kind(track: Track) -> str:
        return Track.Kind(track.kind).name.lower()


class PlayOut(Schema):
    """One listening. `counts` and `skipped` are as the person counts."""

    id: int
    started_at: datetime
    ended_at: datetime
    ms_played: int
    is_estimate: bool = Field(..., description="the length is a guess: Spotify did not tell how long it was heard")
    origin: str
    counts: bool
    skipped: bool
    hidden: bool
    track: TrackOut


class Days(Schema):
    """Local days, as the pages write them in their addresses."""

    range: str = Field(
        "",
        description="today, week, month, 4w, 3m, 6m, 1y, year, all, 2024, 2024-03 or custom; without one, the days of "
        "from and to, else all",
        json_schema_extra={"pattern": PATTERN},
    )
    first: str = Field(
        "",
        alias="from",
        description="first day of a custom range, as 2024-03-31",
        json_schema_extra={"pattern": DAY_PATTERN},
    )
    to: str = Field("", description="its last day", json_schema_extra={"pattern": DAY_PATTERN})


class PlayQuery(Days):
    """What the log is asked for."""

    q: str = Field("", description="words of title, artist or album")
    show: Literal["all", "plays", "started", "skips", "rest", "hidden"] = "all"
    track: int = Field(0, ge=0, lt=2**31)
    artist: int = Field(0, ge=0, lt=2**31)
    album: int = Field(0, ge=0, lt=2**31)
    genre: int = Field(0, ge=0, lt=2**31)
    weekday: str = Field("", pattern="^[1-7]*$", description="1 is Monday; 67 is the weekend")
    hour: int | None = Field(None, ge=0, le=23, description="from this local hour …")
    until: int | None = Field(None, ge=0, le=24, description="… until before this one, over midnight too")
    origin: Literal["", "copy", "poll", "watch", "submit", "account_data", "export", "hand"] = ""
    platform: int | None = Field(None, ge=0, lt=10**9, description="the id of a word for a device; 0: none was told")
    context: int | None = Field(None, ge=0, lt=10**9, description="the id of what it was played from; 0: not told")
    span: str = Field("", pattern="^([0-9]{1,15}-[0-9]{1,15})?$", description="started within these ms since 1970 UTC")
    rule: Literal["", "vibesite", "lastfm", "listenbrainz", "spotify", "finished"] = Field(
        "", description="what counts, if not by the person's own rule"
    )
    older: str = Field("", description="the “next” of the page before")
    limit: int = PAGE


class PlayPage(Schema):
    items: list[PlayOut]
    matches: int = Field(..., description="plays that pass the filters, in all")
    next: str | None = Field(None, description="give it as `older` to read on")


class HeardOut(Schema):
    """How much of one track, artist or album was heard, as the person counts."""

    plays: int
    ms: int
    first_at: datetime | None = None
    last_at: datetime | None = None


class TrackHeard(TrackOut):
    heard: HeardOut


class ThingHeard(Thing):
    heard: HeardOut


class ImportOut(ModelSchema):
    """One upload and its account: `rows` is new + duplicate + merged + set_aside."""

    job: int | None = Field(None, alias="job_id")

    class Meta:
        model = HistoryImport
        fields = ["id", "name", "state", "error", "rows", "new", "duplicate", "merged", "set_aside", "reasons",
                  "first_at", "last_at", "created_at", "finished_at"]  # fmt: skip


class ImportPage(Schema):
    items: list[ImportOut]
    next: int | None = Field(None, description="give it as `before` to read on")


@router.get("/plays", response=PlayPage, auth=may("read"), summary="Plays, newest first")
def plays(request: HttpRequest, asked: Query[PlayQuery]) -> dict[str, Any]:
    """All filters of the log, in the words of its page."""
    user = person(request)
    try:
        place = Place.parse(asked.older) if asked.older else None
    except BadCursor:
        raise HttpError(422, "“older” is no place in the log: give what the last page named as “next”.") from None
    read = log_address.asked(request.GET, user, today=timezone.now().astimezone(user.zone).date())
    if read.problems:
        raise BadPeriod(read.problems[0])
    found = log.page(user, filters=read.filters, older_than=place, size=within(asked.limit))
    items = [_play(entry) for day in found.days for entry in day.entries]
    return {"items": items, "matches": found.matches, "next": str(found.older) if found.older else None}


@router.get("/tracks/{pk}", response=TrackHeard, auth=may("read"), tags=["catalogue"], summary="A track heard")
def track(request: HttpRequest, pk: int) -> Track:
    return _heard(request, "tracks", Track.objects.select_related("artist", "album").filter(pk=pk).first())


@router.get("/artists/{pk}", response=ThingHeard, auth=may("read"), tags=["catalogue"], summary="An artist heard")
def artist(request: HttpRequest, pk: int) -> Artist:
    return _heard(request, "artists", Artist.objects.filter(pk=pk).first())


@router.get("/albums/{pk}", response=ThingHeard, auth=may("read"), tags=["catalogue"], summary="An album heard")
def album(request: HttpRequest, pk: int) -> Album:
    return _heard(request, "albums", Album.objects.filter(pk=pk).first())


@router.get("/imports", response=ImportPage, auth=may("read"), tags=["imports"], summary="Imports, newest first")
def import_list(request: HttpRequest, before: int | None = None, limit: int = PAGE) -> dict[str, Any]:
    found = HistoryImport.objects.filter(user=person(request))
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: within(limit) + 1])
    page = rows[: within(limit)]
    return {"items": page, "next": page[-1].pk if len(rows) > len(page) else None}


@router.post("/imports", response={202: ImportOut}, auth=may("import"), tags=["imports"], summary="Start an import")
def start_import(request: HttpRequest, files: list[UploadedFile] = File(...)) -> tuple[int, HistoryImport]:  # noqa: B008
    """Files as the web page takes them: follow it by `GET /imports/{id}` or by its job."""
    try:
        return 202, imports.start(user=person(request), files=files, now=timezone.now())
    except imports.Refused as refused:
        raise HttpError(413 if isinstance(refused, imports.TooLarge) else 422, str(refused)) from refused
    except OSError as error:
        if not imports.is_disk_full(error):
            raise
        raise HttpError(507, imports.disk_full()) from error


@router.get("/imports/{pk}", response=ImportOut, auth=may("read"), tags=["imports"], summary="One import")
def history_import(request: HttpRequest, pk: int) -> HistoryImport:
    found = get_owned(request.user, HistoryImport.objects.select_related("job"), pk)
    return imports.settle(found, now=timezone.now())


def person(request: HttpRequest) -> User:
    """Who calls: behind `may` there is always one."""
    assert isinstance(request.user, User)
    return request.user


def period_of(user: User, name: str, first: str = "", last: str = "") -> Period:
    """The range that was asked for. Raises BadPeriod, which the API answers with 422."""
    today = timezone.now().astimezone(user.zone).date()
    return parse(name, first=first, last=last, today=today, zone=user.zone, week_starts_on=user.week_starts_on)


def _play(entry: Entry) -> dict[str, Any]:
    play = entry.play
    return {
        "id": play.pk,
        "started_at": play.started_at,
        "ended_at": play.ended_at,
        "ms_played": play.ms_played,
        "is_estimate": play.is_estimate,
        "origin": type(play).Origin(play.origin).name.lower(),
        "counts": entry.counts,
        "skipped": entry.skipped,
        "hidden": entry.hidden,
        "track": play.track,
    }


def _heard(request: HttpRequest, what: What, item: Any) -> Any:
    """`item` with how much of it was heard. The catalogue is shared, so what was never heard is not there: Http404."""
    if item is None:
        raise Http404
    reading = lens.read(person(request))
    theirs = reading.heard().of(what, item.pk)
    if not len(theirs):
        raise Http404
    counted = theirs.counted
    first, last = (int(counted.started[0]), int(counted.started[-1])) if len(counted) else (None, None)
    item.heard = {"plays": len(counted), "ms": counted.total_ms, "first_at": _moment(first), "last_at": _moment(last)}
    return item


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)
