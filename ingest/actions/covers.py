"""Album covers, kept on this host for a while: no page sends a browser to Spotify, and no page waits for it."""

import logging
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.cache import cache

from ingest.models import Album

logger = logging.getLogger(__name__)

KEPT = timedelta(days=30)
MAX_BYTES = 2 * 1024 * 1024  # a 640 px cover has about 150 KB
TIMEOUT_S = (5, 10)  # to connect, between bytes
WHOLE_S = 20  # for all of it
ASKED_S = 300  # a cover that was asked for is not asked for again
MISSING_S = 6 * 3600  # nor is one that could not be had
HOSTS = ("i.scdn.co", "mosaic.scdn.co")
HOST_ENDINGS = (".spotifycdn.com",)
TYPES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
SANDBOX_TYPES = {"image/svg+xml": ".svg"}  # drawn covers; Spotify has none


def is_allowed(url: str) -> bool:
    """Whether a cover may be fetched from there: Spotify's image hosts over https, or the sandbox if it is in use."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if _is_sandbox(url):
        return True
    host = (parts.hostname or "").lower()
    known = host in HOSTS or host.endswith(HOST_ENDINGS)
    return parts.scheme == "https" and port in (None, 443) and not parts.username and known


def _is_sandbox(url: str) -> bool:
    parts, ours = urlsplit(url), urlsplit(settings.SPOTIFY_API_URL)
    return settings.SPOTIFY_SANDBOX and (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)


def kept(album_id: int, now: datetime) -> Path | None:
    """The stored picture, if it is there and not older than `KEPT`."""
    for ending in (*TYPES.values(), *SANDBOX_TYPES.values()):
        path = _path(album_id, ending)
        try:
            if now.timestamp() - path.stat().st_mtime < KEPT.total_seconds():
                return path
        except OSError:
            continue
    return None


def ask(album: Album) -> None:
    """Have the cover fetched soon, once."""
    if not is_allowed(album.image_url) or not cache.add(f"cover-asked:{album.pk}", 1, ASKED_S):
        return
    from ingest.tasks import fetch_cover

    fetch_cover.apply_async(kwargs={"album_id": album.pk}, queue="enrich", expires=ASKED_S)


def fetch(*, album_id: int, now: datetime) -> bool:
    """Fetch and store one cover; False if there is none to be had. Safe to repeat."""
    album = Album.objects.filter(pk=album_id).first()
    if album is None or not is_allowed(album.image_url):
        return False
    if kept(album_id, now):
        return True
    try:
        body, ending = _download(album.image_url)
    except (requests.RequestException, ValueError) as exc:
        logger.info("no cover for album %s: %s", album_id, exc)
        cache.set(f"cover-asked:{album_id}", 1, MISSING_S)
        return False
    _store(_path(album_id, ending), body)
    return True


def _download(url: str) -> tuple[bytes, str]:
    """The picture and its file ending. ValueError for what is no picture, too large or too slow."""
    types = TYPES | (SANDBOX_TYPES if _is_sandbox(url) else {})
    began = time.monotonic()
    with requests.get(url, timeout=TIMEOUT_S, stream=True, allow_redirects=False) as answer:
        if answer.status_code != 200:
            raise ValueError(f"status {answer.status_code}")
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in types:
            raise ValueError(f"not a picture: {kind}")
        body = bytearray()
        for chunk in answer.iter_content(65_536):
            body += chunk
            if len(body) > MAX_BYTES or time.monotonic() - began > WHOLE_S:
                raise ValueError("too large or too slow")
    if not _looks_like(kind, bytes(body[:512])):
        raise ValueError(f"not {kind}, whatever its header says")
    return bytes(body), types[kind]


def _looks_like(kind: str, head: bytes) -> bool:
    if kind == "image/jpeg":
        return head.startswith(b"\xff\xd8\xff")
    if kind == "image/png":
        return head.startswith(b"\x89PNG\r\n\x1a\n")
    if kind == "image/webp":
        return head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    return b"<svg" in head


def _store(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as part:
        part.write(body)
    os.replace(part.name, path)


def forget_old(*, now: datetime) -> int:
    """Delete pictures older than `KEPT`; how many."""
    count = 0
    for path in (Path(settings.VAR_DIR) / "covers").glob("*/*"):
        try:
            if now.timestamp() - path.stat().st_mtime >= KEPT.total_seconds():
                path.unlink()
                count += 1
        except FileNotFoundError:
            continue
    return count


def _path(album_id: int, ending: str) -> Path:
    return Path(settings.VAR_DIR) / "covers" / f"{album_id % 256:02x}" / f"{album_id}{ending}"
