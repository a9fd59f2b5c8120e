"""The contract of ListenBrainz's submit-listens: what a request may hold, and what it tells. Pure.

Limits and messages are those of https://listenbrainz.readthedocs.io/en/latest/users/api/core.html. Where that server
would stumble (a listen that is no object), we answer in the same manner.
"""

import json
import uuid
from typing import Any

from ingest import names
from ingest.submissions import EARLIEST_S, SKEW_S, Submission, platform, track_name

MAX_LISTENS = 1_000  # in one request
MAX_LISTEN_BYTES = 10_240
MAX_BYTES = MAX_LISTENS * MAX_LISTEN_BYTES
MAX_TAGS = 50
MAX_TAG_LENGTH = 64
MAX_DURATION_S = 24 * 24 * 3600

SINGLE, IMPORT, PLAYING_NOW = "single", "import", "playing_now"
_ONE_MBID = ("release_mbid", "recording_mbid", "release_group_mbid", "track_mbid")
_MANY_MBIDS = ("artist_mbids", "work_mbids")

Json = dict[str, Any]


class BadListen(ValueError):
    """The request is refused as a whole; the text says why, in the words of the protocol."""


def parse(raw: bytes, *, now_s: int) -> tuple[str, list[Submission]]:
    """The listen type and the listens of one request. Raises BadListen; one bad listen refuses all."""
    kind, payload = _payload(raw)
    return kind, [_submission(listen, kind, now_s) for listen in payload]


def _payload(raw: bytes) -> tuple[str, list[Any]]:
    if len(raw) > MAX_BYTES:
        raise BadListen(f"Payload too large. Payload cannot exceed {MAX_BYTES} bytes")
    document = document_of(raw)
    if "payload" not in document or "listen_type" not in document:
        raise BadListen("Invalid JSON document submitted.")
    payload, kind = document["payload"], document["listen_type"]
    if not isinstance(payload, list):
        raise BadListen("The payload in the JSON document should be a list of listens.")
    if not payload:
        raise BadListen("JSON document does not contain any listens")
    if len(payload) > MAX_LISTENS:
        raise BadListen(f"Too many listens. You may not submit more than {MAX_LISTENS} listens at once.")
    if len(raw) > len(payload) * MAX_LISTEN_BYTES:
        raise BadListen(f"JSON document is too large. Each listens may not be larger than {MAX_LISTEN_BYTES} bytes.")
    if kind not in (SINGLE, IMPORT, PLAYING_NOW):
        raise BadListen("JSON document requires a valid listen_type key.")
    if kind != IMPORT and len(payload) > 1:
        raise BadListen("JSON document contains more than listen for a single/playing_now. It should contain only one.")
    return kind, payload


def document_of(raw: bytes) -> Json:
    """A request's body as a JSON object. Raises BadListen."""
    try:
        document = json.loads(raw.decode("utf-8"))
    except RecursionError:
        raise BadListen("Cannot parse JSON document: nested too deeply") from None
    except ValueError as exc:
        raise BadListen(f"Cannot parse JSON document: {exc}") from None
    if not isinstance(document, dict):
        raise BadListen("Invalid JSON document submitted. Top level of JSON document should be a json object.")
    return document


# --- One listen -------------------------------------------------------------------------------------------------------
def _submission(listen: Any, kind: str, now_s: int) -> Submission:
    if not isinstance(listen, dict):
        raise BadListen("Listen is empty and cannot be validated.")
    _no_nul(listen)
    started_s = None if kind == PLAYING_NOW else _listened_at(listen, now_s)
    metadata = _metadata(listen, kind)
    title = _name(metadata, "track_name", required=True)
    artist = _name(metadata, "artist_name", required=True)
    album = _name(metadata, "release_name")
    info = metadata.get("additional_info")
    info = {} if info is None else info
    if not isinstance(info, dict):
        raise BadListen("track_metadata.additional_info should be a JSON object.")
    _check_tags(info)
    duration_ms = _durations(info)
    _check_mbids(info)
    credits = tuple(_texts(info.get("artist_names")))
    return Submission(
        started_ms=None if started_s is None else started_s * 1000,
        track=track_name(title, credits[0] if credits else artist, album, _spotify(info)),
        credits=credits,
        duration_ms=duration_ms,
        played_ms=_played(info),
        isrc=names.isrc(_text(info, "isrc")),
        track_number=_track_number(info),
        platform=platform(
            _text(info, "media_player") or _text(info, "listening_from") or _text(info, "music_service_name"),
            _text(info, "submission_client"),
        ),
    )


def _listened_at(listen: Json, now_s: int) -> int:
    if "listened_at" not in listen:
        raise BadListen("JSON document must contain the key listened_at at the top level.")
    try:
        moment = int(listen["listened_at"])
    except (ValueError, TypeError, OverflowError):
        raise BadListen("JSON document must contain an int value for listened_at.") from None
    if moment >= now_s + SKEW_S:
        raise BadListen("Value for key listened_at is too high.")
    if moment < EARLIEST_S:  # the number in the text is not that of its date; clients know the text
        raise BadListen(
            "Value for key listened_at is too low. listened_at timestamp should be greater than 1033410600 "
            "(2002-10-01 00:00:00 UTC)."
        )
    return moment


def _metadata(listen: Json, kind: str) -> Json:
    now = kind == PLAYING_NOW
    if now and "listened_at" in listen:
        raise BadListen("JSON document must not contain listened_at while submitting playing_now.")
    if "track_metadata" not in listen:
        raise BadListen("JSON document must contain the key track_metadata at the top level.")
    if now and len(listen) > 1:
        raise BadListen("JSON document may only contain track_metadata as top level key when submitting playing_now.")
    if len(listen) > 2:
        raise BadListen("JSON document may only contain listened_at and track_metadata top level keys")
    metadata = listen["track_metadata"]
    if metadata is None:
        raise BadListen("JSON document may not have track_metadata with null value.")
    if not isinstance(metadata, dict):
        raise BadListen("track_metadata should be a JSON object.")
    return metadata


def _name(metadata: Json, key: str, *, required: bool = False) -> str:
    value = metadata.get(key)
    if not required and (value is None or (isinstance(value, str) and not names.clean(value))):
        return ""  # some clients say null for none, others nothing
    if key not in metadata:
        raise BadListen(f"JSON document does not contain required field track_metadata.{key}.")
    if not isinstance(value, str):
        raise BadListen(f"track_metadata.{key} must be a single string.")
    if not names.clean(value):
        raise BadListen(f"field track_metadata.{key} is empty.")
    return names.clean(value)


def _check_tags(info: Json) -> None:
    tags = info.get("tags")
    if tags is None:
        return
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise BadListen("track_metadata.additional_info.tags should be a list of strings.")
    if len(tags) > MAX_TAGS:
        raise BadListen(
            f"JSON document may not contain more than {MAX_TAGS} items in track_metadata.additional_info.tags."
        )
    if any(len(tag) > MAX_TAG_LENGTH for tag in tags):
        raise BadListen(
            "JSON document may not contain track_metadata.additional_info.tags "
            f"longer than {MAX_TAG_LENGTH} characters."
        )


def _durations(info: Json) -> int | None:
    """The track's length in ms."""
    if "duration" in info and "duration_ms" in info:
        raise BadListen("JSON document should not contain both duration and duration_ms.")
    if "duration_ms" in info:
        return _positive(info, "duration_ms", MAX_DURATION_S * 1000)
    return _positive(info, "duration", MAX_DURATION_S) * 1000 if "duration" in info else None


def _positive(info: Json, key: str, most: int) -> int:
    try:
        value = int(info[key])
    except (ValueError, TypeError, OverflowError):
        value = 0
    if value <= 0:
        raise BadListen(f"Value for {key} is invalid, should be a positive integer.")
    if value > most:
        raise BadListen(f"Value for {key} is too large, max permitted value is {most}")
    return value


def _check_mbids(info: Json) -> None:
    told: list[tuple[str, Any]] = [(key, info[key]) for key in _ONE_MBID if info.get(key)]
    for key in _MANY_MBIDS:
        value = info.get(key) or []
        told += [(key, each) for each in (value if isinstance(value, list) else [value]) if each]
    for key, value in told:
        if not _is_uuid(value):
            raise BadListen(f"{key} MBID format invalid.")


def _is_uuid(value: Any) -> bool:
    try:
        uuid.UUID(value)
    except (AttributeError, TypeError, ValueError):
        return False
    return True


def _no_nul(value: Any) -> None:
    waiting = [value]
    while waiting:  # not recursive: a listen may be nested deeper than calls may be
        each = waiting.pop()
        if isinstance(each, str) and "\x00" in each:
            raise BadListen(f"{each} contains a unicode null")
        if isinstance(each, dict | list):
            waiting += each.values() if isinstance(each, dict) else each


# --- Details, taken if they are what they should be -------------------------------------------------------------------
def _text(info: Json, key: str) -> str:
    value = info.get(key)
    return names.clean(value) if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    told = value if isinstance(value, list) else []
    return [names.clean(each) for each in told if isinstance(each, str) and names.clean(each)]


def _spotify(info: Json) -> str:
    return next((told for key in ("spotify_id", "spotify_track_id", "origin_url") if (told := _text(info, key))), "")


def _played(info: Json) -> int | None:
    """`duration_played`: seconds that were really heard, as some players tell."""
    value = info.get("duration_played")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MAX_DURATION_S:
        return None
    return round(value * 1000) or None


def _track_number(info: Json) -> int | None:
    told = info.get("tracknumber") or info.get("track_number") or 0
    try:
        number = int(told)
    except (ValueError, TypeError, OverflowError):
        return None
    return number if 0 < number < 32_768 else None
