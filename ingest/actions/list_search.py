"""Rows of an imported list that are told by names or an ISRC alone, and are nothing known here: looked for at Spotify.

What Spotify's search tells becomes known only where the names are the same, and then the row is matched like any other:
one performance is sure, several are asked about. Answers are kept for everybody, so that no name is asked for twice.
Searching comes after all other work with Spotify's calls, goes by turns between people, and waits where they are spent.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import SpotifyConnection
from accounts.spotify import budget
from accounts.spotify.errors import FALTERED, BadRequest, Later, NotFound, RateLimited, SpotifyError
from accounts.spotify.payloads import TrackPayload
from ingest import names
from ingest.actions import catalogue, group, match
from ingest.cleaning import clean
from ingest.grouping import Fact, lookup_keys
from ingest.importers.lists_told import Told
from ingest.models import ListRow, NameSearch, TrackSource
from ingest.upsert import parts

logger = logging.getLogger(__name__)

FRESH = timedelta(days=30)  # an answer holds so long
TURN = 50  # names of one run; then other people's lists have theirs
FOR_OTHERS = 0.5  # of the background budget is left to plays, likes and playlists
LONGEST_QUERY = 250  # characters, Spotify's own bound
_BREATH = timedelta(seconds=2)
Problem = ListRow.Problem


def look(run: jobs.Run, source: TrackSource, rows: Sequence[ListRow], keep: Callable[[], None]) -> None:
    """Search for what is left of `rows`, and `keep` what they are found to be. Raises PutOff until it may go on."""
    by_name: dict[str, list[ListRow]] = {}
    for row in rows:
        if is_open(row):
            by_name.setdefault(_key(row), []).append(row)
    connection = SpotifyConnection.objects.active().filter(user=source.user_id).order_by("pk").first()
    if not by_name or connection is None:
        return
    total, answered = len(by_name), _answered(by_name)
    _settle([row for key in answered for row in by_name.pop(key)], keep)
    asked: list[str] = []
    try:
        for key in list(by_name)[:TURN]:
            run.advance(len(answered) + len(asked), total, unit="rows", message=_("Searching Spotify for their names"))
            _ask(connection, key, by_name[key][0])
            asked.append(key)
    except Later as exc:
        raise jobs.PutOff(_until(exc), _told_so_far(len(answered) + len(asked), total)) from exc
    except SpotifyError as exc:  # for good: the rows stay as they are, until they are fetched again
        logger.info("list %s: %d of %d names searched: %s", source.pk, len(asked), total, exc)
        return
    finally:  # also of a job that was stopped
        _settle([row for key in asked for row in by_name[key]], keep)
    if len(asked) < len(by_name):
        raise jobs.PutOff(timezone.now() + _BREATH, _told_so_far(len(answered) + len(asked), total))


def is_open(row: ListRow) -> bool:
    """Whether it names a track that nobody found or decided yet."""
    named = bool(row.isrc or (row.title and row.artist))
    return row.track_id is None and not row.chosen and not row.spotify_id and row.problem == Problem.UNKNOWN and named


def forget_old(*, now: datetime) -> int:
    return NameSearch.objects.filter(asked_at__lt=now - FRESH).delete()[0]


def _key(row: ListRow) -> str:
    text = "\x1f".join((row.isrc, names.key(row.artist), names.key(row.title)))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def _answered(keys: Iterable[str]) -> set[str]:
    fresh = NameSearch.objects.filter(asked_at__gte=timezone.now() - FRESH)
    return {key for part in parts(keys) for key in fresh.filter(key__in=part).values_list("key", flat=True)}


def _settle(rows: Sequence[ListRow], keep: Callable[[], None]) -> None:
    """Match them with what is known by now; what is not found then is not at Spotify either."""
    if not rows:
        return
    told = [Told(**{field: getattr(row, field) for field in Told.__slots__}) for row in rows]
    for row, found in zip(rows, match.find(told), strict=True):
        row.track_id, row.candidates = found.track_id, list(found.candidates)
        row.problem = "" if found.track_id else Problem.SEVERAL if found.candidates else Problem.NOWHERE
    keep()


# --- One name --------------------------------------------------------------------------------------------------------
def _ask(connection: SpotifyConnection, key: str, row: ListRow) -> None:
    """Ask for one name, and make known what fits. Raises SpotifyError."""
    now = timezone.now()
    hits: list[TrackPayload] = []
    spotify = connection.gateway()
    for query in _queries(row):
        _leave_some(connection)
        try:
            page = spotify.search_tracks(query)
        except (BadRequest, NotFound) as exc:
            logger.warning("a search was refused: %s", exc)
            continue
        if hits := [hit for hit in page.items if hit is not None and hit.id and _fits(hit, row)]:
            break
    if hits:
        known = catalogue.tracks(hits, now)
        group.regroup(list(known.values()), now=now)
    NameSearch.objects.update_or_create(key=key, defaults={"found": len(hits), "asked_at": now})


def _queries(row: ListRow) -> Iterator[str]:
    """By ISRC; by title and first artist; by all words, as some write `Title – Artist`."""
    if row.isrc:
        yield f"isrc:{row.isrc}"
    if row.title and row.artist:
        artist = match.artists_of(row.artist)[1:2] or [row.artist]
        title = clean(row.title).base or row.title
        yield f'track:"{_plain(title, 120)}" artist:"{_plain(artist[0], 100)}"'
        yield _plain(f"{row.title} {row.artist}", LONGEST_QUERY)


def _plain(text: str, most: int) -> str:
    return " ".join(text.replace('"', " ").replace(":", " ").split())[:most].strip()


def _fits(hit: TrackPayload, row: ListRow) -> bool:
    """Whether it has the ISRC, or one of the artists and the title but for its marks, either way round."""
    if row.isrc and hit.isrc == row.isrc:
        return True
    people = dict(enumerate(names.key(artist.name) for artist in hit.artists))
    found = lookup_keys(Fact(0, "hit", hit.name, people))
    return bool(found & (_names(row.title, row.artist) | _names(row.artist, row.title)))


def _names(title: str, artist: str) -> set[int]:
    people = dict(enumerate(names.key(each) for each in match.artists_of(artist)))
    return lookup_keys(Fact(0, "told", title, people)) if title and artist else set()


# --- Waiting ---------------------------------------------------------------------------------------------------------
def _leave_some(connection: SpotifyConnection) -> None:
    now = timezone.now()
    allowed = budget.allowance(connection.app.quota_group, now)
    if allowed.background_left <= (allowed.limit - allowed.reserve) * FOR_OTHERS:
        until = budget.frees_at(connection.app.quota_group, now)
        raise Later("search", "the rest is for other work", until=until)


def _until(error: Later) -> datetime:
    now = timezone.now()
    wait = getattr(error, "retry_after_s", None)
    if isinstance(error, RateLimited) and wait:
        return now + timedelta(seconds=max(1, wait))
    return max(error.until or now + FALTERED, now + timedelta(seconds=1))


def _told_so_far(done: int, total: int) -> str:
    words = _("Spotify was searched for %(done)s of %(total)s names; the others wait until it may be asked again.")
    return words % {"done": done, "total": total}
