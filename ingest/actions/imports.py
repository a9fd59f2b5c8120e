"""Importing history: take an upload in, read it as a job, and settle the account of its rows."""

import errno
import gzip
import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.fields import from_ms, to_ms
from accounts.models import Job, User
from ingest import lens
from ingest.actions import (
    bulk,
    enrich,
    import_account,
    import_again,
    import_choices,
    import_tracks,
    import_words,
    outcomes,
)
from ingest.collection import rows as collection
from ingest.evidence import Account, PlayBatch
from ingest.importers import archive
from ingest.importers.archive import Limits, Upload
from ingest.importers.reading import Reading
from ingest.models import Album, Artist, HistoryImport, MergedPlay, Play, PlayLedger, Track, TrackArtist

logger = logging.getLogger(__name__)

KIND = "history_import"
CLOCK_SLACK = timedelta(days=1)  # rows of devices whose clock is this far ahead are still believed
READING_SHARE = 0.4  # of the time an import takes
OPEN = (HistoryImport.State.WAITING, HistoryImport.State.RUNNING)
_MANY = 50_000  # rows, from which on the database's own figures about its tables are out of date
_FILLED = (Play, MergedPlay, PlayLedger, Track, TrackArtist, Artist, Album)
KEPT = timedelta(days=2)  # the uploads of an import that failed by our fault, so that it can be tried again


class Refused(Exception):
    """The upload is not taken in; the text says why and what to do."""


class TooLarge(Refused):
    pass


# --- Taking in -------------------------------------------------------------------------------------------------------
def start(*, user: User, files: Sequence[File], now: datetime) -> HistoryImport:
    """Store uploaded files and queue their import. Raises Refused; then nothing is stored."""
    size = sum(file.size for file in files)
    if size > settings.UPLOAD_MAX_BYTES:
        raise TooLarge(too_large(size))
    if not size:
        raise Refused(_("There is nothing in what you chose. Download your zip again and drop it here."))
    stored: list[list[str]] = []
    try:
        for file in files:
            name = archive.clean_name(str(file.name or "upload"))
            stored.append([default_storage.save(f"imports/{uuid.uuid4().hex}", file), name])
        with transaction.atomic():
            history_import = _create(user, [name for _stored, name in stored], stored=stored)
            history_import.job = jobs.start(
                KIND, owner=user, parameters={"import": history_import.pk}, key=str(history_import.pk)
            )
            history_import.save(update_fields=["job"])
    except BaseException:
        _delete([place for place, _name in stored])
        raise
    return history_import


def too_large(size: int) -> str:
    return _(
        "That is %(size)s; at most %(limit)s are taken at once. "
        "Upload the zip as Spotify sent it, or its files in parts."
    ) % {"size": archive.in_words(size), "limit": archive.in_words(settings.UPLOAD_MAX_BYTES)}


def is_disk_full(error: Exception) -> bool:
    """Whether this host, or the database's, has no room left."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "is full" in str(error) or "No space left" in str(error)  # as SQLite and as PostgreSQL say it


def disk_full() -> str:
    return _(
        "This server's disk is full. What was imported until now is kept. "
        "Tell the operator, and import the same files again once there is room."
    )


def prepare(*, user: User, paths: Sequence[Path]) -> HistoryImport:
    """An import of files of this host, with a job that is run by the caller. For commands: paths are trusted."""
    with transaction.atomic():
        history_import = _create(user, [path.name or str(path) for path in paths], stored=[])
        history_import.job = Job.objects.create(
            kind=KIND,
            owner=user,
            key=str(history_import.pk),
            parameters={"import": history_import.pk, "paths": [str(path.resolve()) for path in paths]},
        )
        history_import.save(update_fields=["job"])
    return history_import


def _create(user: User, names: list[str], stored: list[list[str]]) -> HistoryImport:
    name = ", ".join(names)
    return HistoryImport.objects.create(
        user=user, name=name if len(name) <= 255 else f"{name[:240]}… ({len(names)})", stored=stored
    )


# --- Running ---------------------------------------------------------------------------------------------------------
@jobs.handler(KIND, queue="bulk", max_attempts=5, again=import_again.go_on, why_not=import_again.why_not)
def run_import(run: jobs.Run) -> dict[str, Any] | None:
    """Import one upload; run again after a crash it goes on, and the account comes out the same."""
    history_import = (
        HistoryImport.objects.select_related("user").filter(pk=run.parameters["import"], user=run.job.owner).first()
    )
    if history_import is None:
        return None
    if history_import.state not in OPEN:
        return import_account.account(history_import)
    with translation.override(history_import.user.reads):
        try:
            told = _run(history_import, run)
        except jobs.Cancelled:
            _close(history_import, HistoryImport.State.CANCELLED, _stopped(), now=timezone.now())
            raise
        except jobs.Failure as failure:
            _close(history_import, HistoryImport.State.FAILED, str(failure), now=timezone.now())
            raise
        except (OSError, OperationalError) as error:
            if not is_disk_full(error):
                raise
            _close(history_import, HistoryImport.State.FAILED, disk_full(), now=timezone.now())
            raise jobs.Failure(disk_full()) from error
    enrich.begin()
    collection.follow(history_import.user)
    return told


def _run(history_import: HistoryImport, run: jobs.Run) -> dict[str, Any]:
    history_import.state = HistoryImport.State.RUNNING
    history_import.save(update_fields=["state"])
    uploads = _uploads(history_import, run)
    with tempfile.TemporaryFile() as raw:
        horizon = history_import.created_at + CLOCK_SLACK
        passing = _Passing(uploads, horizon=horizon, zone=history_import.user.zone, raw=raw)
        loaded = bulk.load(
            user=history_import.user,
            history_import=history_import,
            source=passing.source,
            run=cast(jobs.Run, _Telling(run, passing)),
            now=timezone.now(),
        )
        reading = passing.finished()
        import_tracks.apply(user=history_import.user, told=reading.own_tracks)
        if not reading.has_history:
            import_account.store_files(history_import, reading, loaded)
            raise jobs.Failure(outcomes.nothing_found(reading))
        if wrong := import_account.wrong_sums(reading, loaded):
            logger.error("import %s does not add up: %s", history_import.pk, wrong)
            raise jobs.Failure(
                _(
                    "The account of rows does not add up, so this import is not a success (%(files)s). Your plays are "
                    "safe. Import the same files again, and tell the operator if that does not help."
                )
                % {"files": wrong}
            )
        if reading.choices is not None:
            import_choices.apply(user=history_import.user, choices=reading.choices, now=timezone.now())
        import_words.apply(user=history_import.user, words=reading.own_words)
        lens.read(history_import.user).heard()  # makes ready what came, which no page then has to wait for
        if loaded.new > _MANY:
            _count_rows()
        _finish(history_import, reading, loaded, raw, now=timezone.now())
        run.job.message = outcomes.told(history_import)
    return import_account.account(history_import)


def _count_rows() -> None:
    """Let PostgreSQL see how much came: by itself it does a minute later, and plans as for empty tables until then."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE " + ", ".join(model._meta.db_table for model in _FILLED))


def _uploads(history_import: HistoryImport, run: jobs.Run) -> list[Upload]:
    """What is to be read. Raises Failure if it is gone."""
    if paths := run.parameters.get("paths"):
        try:
            return archive.from_paths([Path(path) for path in paths])
        except OSError as error:
            raise jobs.Failure(_("Cannot read %(path)s.") % {"path": error.filename or error}) from error
    try:
        return [
            Upload(
                name, default_storage.size(place), cast(Callable[[], BinaryIO], partial(default_storage.open, place))
            )
            for place, name in history_import.stored
        ]
    except FileNotFoundError as error:
        raise jobs.Failure(import_again.files_gone()) from error


class _Passing:
    """Passes over the uploads: each starts the account of rows set aside anew; the last one counts."""

    def __init__(self, uploads: list[Upload], *, horizon: datetime, zone: ZoneInfo, raw: IO[bytes]) -> None:
        self._uploads = uploads
        self._horizon_ms = to_ms(horizon)
        self._zone = zone
        self._raw = raw
        self._sink: gzip.GzipFile | None = None
        self._whole = False
        self.reading: Reading | None = None

    def source(self) -> Iterator[PlayBatch]:
        self._whole = False
        self._raw.seek(0)
        self._raw.truncate()
        with gzip.GzipFile(fileobj=self._raw, mode="wb", compresslevel=1, mtime=0) as sink:
            limits = Limits(
                members=settings.IMPORT_MAX_MEMBERS,
                member_bytes=settings.IMPORT_MAX_MEMBER_BYTES,
                total_bytes=settings.IMPORT_MAX_TOTAL_BYTES,
                ratio=settings.IMPORT_MAX_RATIO,
            )
            self.reading = Reading(
                self._uploads,
                limits=limits,
                horizon_ms=self._horizon_ms,
                set_aside=cast(IO[bytes], sink),
                zone=self._zone,
            )
            yield from self.reading.batches()
        self._whole = True

    def finished(self) -> Reading:
        """The last pass, gone through to its end."""
        if not self._whole:
            for _batch in self.source():
                pass
        assert self.reading is not None
        return self.reading


class _Telling:
    """A run whose progress is told in rows, reading and writing as one way; while it reads, with the file."""

    def __init__(self, run: jobs.Run, passing: _Passing) -> None:
        self._run = run
        self._passing = passing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._run, name)

    def advance(self, done: int, total: int | None = None, message: str | None = None, unit: str = "") -> None:
        if (reading := self._passing.reading) is not None:
            rows = reading.expected_rows
            if total is None:
                done = round(reading.rows * READING_SHARE)
                message = _("Reading %(file)s") % {"file": reading.current.rsplit("/", 1)[-1]}
            else:
                done = round(rows * (READING_SHARE + (1 - READING_SHARE) * done / max(1, total)))
            total, unit = rows, "rows"
        self._run.advance(done, total, message, unit)


def _finish(history_import: HistoryImport, reading: Reading, loaded: Account, raw: IO[bytes], *, now: datetime) -> None:
    """Write the account in one transaction; the stored uploads go once that stands."""
    set_aside_file = ""
    if reading.set_aside:
        raw.seek(0)
        set_aside_file = default_storage.save(f"set-aside/{uuid.uuid4().hex}.jsonl.gz", File(raw))
    with transaction.atomic():
        import_account.store_files(history_import, reading, loaded)
        history_import.set_aside_file = set_aside_file
        history_import.first_at = None if loaded.first_ms is None else from_ms(loaded.first_ms)
        history_import.last_at = None if loaded.last_ms is None else from_ms(loaded.last_ms)
        import_account.fill_gaps(history_import, reading)
        _close(history_import, HistoryImport.State.DONE, "", now=now)


# --- Ending ----------------------------------------------------------------------------------------------------------
def _stopped() -> str:
    return _("Stopped, as you asked. What was imported until then is kept; importing again goes on without doubling.")


def _close(history_import: HistoryImport, state: HistoryImport.State, error: str, *, now: datetime) -> None:
    """The end of an import, whichever; its uploads are deleted once that is committed."""
    history_import.state = state
    history_import.error = error
    history_import.finished_at = now
    _let_go(history_import)


def _let_go(history_import: HistoryImport) -> None:
    places = [place for place, _name in history_import.stored]
    history_import.stored = []
    history_import.save()
    transaction.on_commit(partial(_delete, places))


def settle(history_import: HistoryImport, *, now: datetime) -> HistoryImport:
    """Let an import whose job ended without it (stopped while waiting, or given up) end as its job did.

    Of one that was given up the uploads are kept for `KEPT`: no attempt is left, but its person may ask for more.
    """
    job = history_import.job
    if history_import.state in OPEN and (job is None or not job.is_open):
        if job is not None and job.state == Job.State.CANCELLED:
            _close(history_import, HistoryImport.State.CANCELLED, _stopped(), now=now)
        else:
            error = (job.error if job else "") or _(
                "This import came to no end. What it had imported is kept; upload the zip again to have the rest."
            )
            history_import.state, history_import.error = HistoryImport.State.FAILED, error
            history_import.finished_at = now
            history_import.save(update_fields=["state", "error", "finished_at"])
    return history_import


def sweep(*, now: datetime) -> int:
    """Settle what nobody looked at, and delete uploads that were cut off and files whose import is gone; how many."""
    for history_import in HistoryImport.objects.filter(state__in=OPEN).select_related("job", "user"):
        settle(history_import, now=now)
    failed = HistoryImport.objects.filter(state=HistoryImport.State.FAILED).exclude(stored=[])
    for history_import in failed.filter(finished_at__lt=now - KEPT):
        _let_go(history_import)
    wanted = {
        place
        for stored in HistoryImport.objects.exclude(stored=[]).values_list("stored", flat=True)
        for place, _name in stored
    }
    wanted |= set(HistoryImport.objects.exclude(set_aside_file="").values_list("set_aside_file", flat=True))
    old = now - timedelta(days=1)
    stray = []
    for folder in ("imports", "set-aside"):
        if default_storage.exists(folder):
            stray += [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    stray = [place for place in stray if place not in wanted and default_storage.get_modified_time(place) < old]
    _delete(stray)
    cut_off = [
        path
        for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*")
        if datetime.fromtimestamp(path.stat().st_mtime, tz=now.tzinfo) < old
    ]
    for path in cut_off:
        path.unlink(missing_ok=True)
    return len(stray) + len(cut_off)


def _delete(places: Sequence[str]) -> None:
    for place in places:
        try:
            default_storage.delete(place)
        except OSError:
            logger.warning("could not delete %s; the sweep will try again", place, exc_info=True)
