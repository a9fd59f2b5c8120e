"""What is known of a person's tracks, under /api/data: tracks, enrichments, features, classifications."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from accounts.api import may
from accounts.models import User
from ingest.api import person
from ingest.models import Track, TrackSource
from playlists import known_values
from playlists.actions import known_tracks, labels
from playlists.library import Library
from playlists.rules import fields

router = Router(tags=["data"])
READ, EDIT = may("read"), may("edit")
Mapping = dict[str, dict[str, Any]]
PAGE, MOST = 1_000, 5_000  # tracks of one answer


class Tracks(Schema):
    """A page of the person's tracks."""

    tracks: list[dict[str, Any]]
    total: int
    limit: int
    offset: int


class FieldOut(Schema):
    """One field that rules can ask."""

    name: str
    type: str
    label: str
    unit: str
    personal: bool = Field(..., description="whether it is the person's own, such as how often they played it")
    low: float | None
    high: float | None
    tracks: int = Field(..., description="how many of the person's tracks it is known of")
    coverage: float = Field(..., description="the same as a share, 0 to 1")
    examples: list[str] = Field(..., description="the most frequent texts; the least and the greatest number or date")


class Labels(Schema):
    """What a person says of one track; null takes a word back, what is left out stays."""

    labels: dict[str, Any] = Field(..., description="mood and genre: a text; year: a number")


class Labelled(Schema):
    classifier_id: str
    track_id: str
    labels: dict[str, Any]


def _page(request: HttpRequest, limit: int, offset: int) -> tuple[list[int], int, int, int]:
    """Keys of one page of the person's tracks, how many there are, and what was asked for within bounds."""
    tracks = Library(person(request), now=timezone.now()).table.track  # once for each recording, ascending
    limit, offset = min(max(limit, 1), MOST), max(offset, 0)
    return tracks[offset : offset + limit].tolist(), tracks.size, limit, offset


def _linked(response: HttpResponse, request: HttpRequest, total: int, limit: int, offset: int) -> None:
    """A mapping has no room for the way on: it is told in the header, as `Link: <…>; rel="next"`."""
    response["X-Total-Count"] = str(total)
    if offset + limit < total:
        query = request.GET.copy()
        query["offset"], query["limit"] = str(offset + limit), str(limit)
        response["Link"] = f'<{request.build_absolute_uri(request.path)}?{query.urlencode()}>; rel="next"'


@router.get("/tracks", response=Tracks, auth=READ, summary="The person's tracks")
def tracks(request: HttpRequest, limit: int = PAGE, offset: int = 0) -> dict[str, Any]:
    """All that was heard or is kept, once for each recording."""
    ids, total, limit, offset = _page(request, limit, offset)
    added = known_tracks.added(ids, TrackSource.objects.of(person(request)))
    return {"tracks": known_tracks.listed(ids, added), "total": total, "limit": limit, "offset": offset}


@router.get("/enrichments", response=dict[str, list[dict[str, Any]]], auth=READ, summary="What was told, by track")
def enrichments(request: HttpRequest, response: HttpResponse, limit: int = PAGE, offset: int = 0) -> dict[str, Any]:
    """Track → entries with `source`, `version`, `timestamp` and `categories`; the later word wins, one's own is last.

    A page of the tracks at a time; the header `Link` leads on.
    """
    ids, total, limit, offset = _page(request, limit, offset)
    _linked(response, request, total, limit, offset)
    return known_tracks.entries(person(request), ids)


@router.get("/providers", response=list[dict[str, Any]], auth=READ, summary="Who may tell something")
def providers(request: HttpRequest) -> list[dict[str, Any]]:
    return known_tracks.providers()


@router.get("/fields", response=list[FieldOut], auth=READ, summary="What rules can ask")
def fields_known(request: HttpRequest) -> list[dict[str, Any]]:
    """Every field with its type, of how many of the person's tracks it is known, and examples out of them."""
    table = Library(person(request), now=timezone.now()).table
    told = [(each, known_values.of_field(table, each.name)) for each in fields.REGISTRY.values()]
    return [
        {
            **{part: getattr(each, part) for part in ("name", "type", "personal", "low", "high")},
            "label": gettext(each.label),
            "unit": gettext(each.unit) if each.unit else "",
            "tracks": known.tracks,
            "coverage": round(known.share, 4),
            "examples": list(known.examples),
        }
        for each, known in told
    ]


@router.get("/features", response=Mapping, auth=READ, summary="How tracks sound, accepted")
def features(request: HttpRequest, response: HttpResponse, limit: int = PAGE, offset: int = 0) -> dict[str, Any]:
    """Track → values, with who told what in `sources`. Pages as of `/data/enrichments`."""
    return features_of(request, response, known_tracks.EXTERNAL, limit, offset)


@router.get("/features/{provider}", response=Mapping, auth=READ, summary="… as one provider told")
def features_of(
    request: HttpRequest, response: HttpResponse, provider: str, limit: int = PAGE, offset: int = 0
) -> dict[str, Any]:
    """A provider of `/data/providers`, or `external_features` for what is accepted of all."""
    ids, total, limit, offset = _page(request, limit, offset)
    _linked(response, request, total, limit, offset)
    return known_tracks.features(ids, provider)


@router.get("/classifications", response=Mapping, auth=READ, summary="Mood, genre, year")
def classifications(request: HttpRequest, response: HttpResponse, limit: int = PAGE, offset: int = 0) -> dict[str, Any]:
    """Track → labels of the classifier `mood_v1`. Pages as of `/data/enrichments`."""
    return classifications_of(request, response, known_tracks.CLASSIFIER, limit, offset)


@router.get("/classifications/{classifier}", response=Mapping, auth=READ, summary="… by classifier")
def classifications_of(
    request: HttpRequest, response: HttpResponse, classifier: str, limit: int = PAGE, offset: int = 0
) -> dict[str, Any]:
    _known(classifier)
    ids, total, limit, offset = _page(request, limit, offset)
    _linked(response, request, total, limit, offset)
    return known_tracks.classifications(person(request), ids)


@router.get("/classifications/{classifier}/{track_id}", response=Labelled, auth=READ, summary="… of one track")
def classification(request: HttpRequest, classifier: str, track_id: str) -> dict[str, Any]:
    _known(classifier)
    return _labelled(person(request), classifier, known_tracks.find(person(request), track_id))


@router.patch("/classifications/{classifier}/{track_id}", response=Labelled, auth=EDIT, summary="Correct a track")
def classify(request: HttpRequest, classifier: str, track_id: str, asked: Labels) -> dict[str, Any]:
    """One's own word on a track: it beats every provider, for oneself alone."""
    _known(classifier)
    user = person(request)
    track = known_tracks.find(user, track_id)
    try:
        labels.say(user=user, track=track, labels=asked.labels, now=timezone.now())
    except labels.BadLabel as exc:
        raise HttpError(422, str(exc)) from exc
    return _labelled(user, classifier, track)


def _labelled(user: User, classifier: str, track: Track) -> dict[str, Any]:
    found = known_tracks.classifications(user, [track.pk]).get(known_tracks.ref(track), {})
    return {"classifier_id": classifier, "track_id": known_tracks.ref(track), "labels": found}


def _known(classifier: str) -> None:
    if classifier != known_tracks.CLASSIFIER:
        raise Http404
