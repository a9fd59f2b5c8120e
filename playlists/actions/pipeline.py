"""The older tool's steps: what each comes to now, and as jobs. Reading likes and asking providers is done by the jobs
alone; without Spotify and without any provider every step still has its answer."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.models import Job, SpotifyConnection, User
from ingest.actions import enrich, reader, sources, want
from ingest.actions.reader import Reader
from ingest.actions.sources import Short
from ingest.models import SourceTrack, Track, TrackSource
from playlists import diff
from playlists.actions import classic, known_tracks, preview, shared
from playlists.drafts import Draft
from playlists.library import Library
from playlists.models import Playlist, Rule

STEPS = ("tracks", "external", "classify", "build", "diff")
KINDS = {step: f"pipeline_{step}" for step in STEPS}
ASKED_AT_ONCE = 2_000  # tracks that one job wants to know more of
LISTS, SHOWN = 40, 50  # playlists of one diff; tracks shown of each part of it
LIKED = {"source_type": "liked", "source_id": None, "source_label": "Liked tracks"}


def start(*, user: User, step: str) -> Job:
    """One step as a job; while one of it is open, that one. KeyError for what is no step."""
    metadata = LIKED if step == "tracks" else {}
    return jobs.start(KINDS[step], owner=user, parameters=metadata, key=str(user.pk))


def outcome(step: str, *, user: User, now: datetime) -> dict[str, Any]:
    """What the step comes to with what is known now; asks nobody and changes nothing. KeyError for what is no step."""
    return {"step": step, "status": "done", **_OUTCOMES[step](Library(user, now=now))}


def _tracks(library: Library) -> dict[str, Any]:
    kept = library.kept
    lists = sorted(kept.lists.values(), key=lambda each: (each.kind != TrackSource.Kind.LIKED, each.pk))
    told = [{"source_type": each.kind, "source_label": str(each), "tracks_count": each.total} for each in lists]
    return {"tracks_count": library.table.size, "sources": told}


def _external(library: Library) -> dict[str, Any]:
    """How many tracks each sort of fact is known for, and who may be asked for more."""
    asked = {"features": "energy", "genres": "genre", "moods": "mood", "language": "language"}
    known = {name: _known(library, field) for name, field in asked.items()}
    enabled = [each["id"] for each in known_tracks.providers() if each["enabled"]]
    return {"tracks_count": library.table.size, "known": known, "providers": enabled}


def _known(library: Library, field: str) -> int:
    column = library.table.column(field)
    return 0 if column is None else int(column.known.sum())


def _classify(library: Library) -> dict[str, Any]:
    classified = _known(library, "mood")
    return {
        "classifier": known_tracks.CLASSIFIER,
        "classified": classified,
        "unclassified": library.table.size - classified,
    }


def _build(library: Library) -> dict[str, Any]:
    """The classic lists, and what the person's rules fill."""
    lists = [{"name": each.name, "tracks_count": each.count} for each in classic.lists(library)]
    rules = Rule.objects.of(library.user).enabled().exclude(key__startswith="auto-")
    made = [
        {"name": rule.name, "tracks_count": len(preview.of_rule(rule=rule, library=library)), "rule_id": rule.key}
        for rule in rules[:LISTS]
    ]
    return {"playlists": [*lists, *made]}


def _diff(library: Library) -> dict[str, Any]:
    """From what each playlist held when it was last read to what it is to hold."""
    lists = TrackSource.objects.filter(user=library.user, kind=TrackSource.Kind.PLAYLIST)
    by_name = {each.name: each for each in lists.order_by("-pk")}
    by_id = {each.spotify_id: each for each in lists}
    told = []
    for playlist in Playlist.objects.of(library.user).filter(rules__is_enabled=True).distinct()[:LISTS]:
        rules = list(Rule.objects.of(library.user).enabled().filling(playlist))
        wanted = shared.fill(rules, library).draft
        existing = _held(by_id[playlist.spotify_id]) if playlist.spotify_id in by_id else playlist.synced_uris or []
        told.append(_compared(playlist.name, playlist.spotify_id, existing, wanted))
    for each in classic.lists(library)[: LISTS - len(told)]:
        source = by_name.get(each.name)
        wanted = preview.drafted(each.query, library, salt=0)
        existing = _held(source) if source else []
        told.append(_compared(each.name, source.spotify_id if source else "", existing, wanted))
    return {"playlists": told}


def _held(source: TrackSource) -> list[str]:
    return list(
        SourceTrack.objects.filter(source=source).exclude(uri="").order_by("position").values_list("uri", flat=True)
    )


def _compared(name: str, spotify_id: str, existing: list[str], wanted: Draft) -> dict[str, Any]:
    found = diff.compare(existing, wanted.uris())
    parts = {"to_add": found.added, "to_remove": found.removed, "moved": found.moved, "duplicates": found.duplicates}
    shown = {part: uris[:SHOWN] for part, uris in parts.items()}
    names = _names({uri for uris in shown.values() for uri in uris})
    return {
        "name": name,
        "playlist_id": spotify_id or None,
        "existing": len(found.before),
        "target": len(found.after),
        "counts": {part: len(uris) for part, uris in parts.items()},
        **{part: [{"uri": uri, "name": names.get(uri, uri)} for uri in uris] for part, uris in shown.items()},
    }


def _names(uris: set[str]) -> dict[str, str]:
    ids = [uri.removeprefix("spotify:track:") for uri in uris]
    found = Track.objects.filter(spotify_id__in=ids).select_related("artist")
    return {
        f"spotify:track:{each.spotify_id}": f"{each.artist} – {each.name}" if each.artist else each.name
        for each in found
    }


_OUTCOMES: dict[str, Callable[[Library], dict[str, Any]]] = {
    "tracks": _tracks,
    "external": _external,
    "classify": _classify,
    "build": _build,
    "diff": _diff,
}


# --- As jobs ----------------------------------------------------------------------------------------------------------
def _read_likes(run: jobs.Run, user: User) -> None:
    """Read liked tracks anew, of whoever is connected."""
    for connection in SpotifyConnection.objects.workable(timezone.now()).of(user).select_related("app"):
        if connection.has_scope(reader.LIKES):
            one = Reader(run, connection)
            with reader.told(one):
                try:
                    one.likes(sources.liked(connection))
                except Short as exc:
                    raise jobs.Failure(
                        _("Spotify sent fewer liked tracks than it announced, so the former list was kept.")
                    ) from exc
            one.want_kept()


def _ask_about(field: str) -> Callable[[jobs.Run, User], None]:
    """Want to know more of tracks of which this is not known; providers are asked in the background, if any is on."""

    def ask(run: jobs.Run, user: User) -> None:
        if any(each["enabled"] for each in known_tracks.providers()):
            library = Library(user, now=timezone.now())
            column = library.table.column(field)
            missing = library.table.track if column is None else library.table.track[~column.known]
            want.all_of(missing[:ASKED_AT_ONCE].tolist())
            enrich.begin()

    return ask


_FIRST: dict[str, Callable[[jobs.Run, User], None]] = {
    "tracks": _read_likes,
    "external": _ask_about("energy"),
    "classify": _ask_about("mood"),
}


def _handler(step: str) -> Callable[[jobs.Run], dict[str, Any]]:
    def run(run: jobs.Run) -> dict[str, Any]:
        user = run.job.owner
        if user is None:
            return {}
        run.advance(0, 1)
        if first := _FIRST.get(step):
            first(run, user)
        found = outcome(step, user=user, now=timezone.now())
        run.advance(1, 1, message=_("Done."))
        return found

    return run


for _step, _kind in KINDS.items():
    jobs.handler(_kind, queue="bulk", max_attempts=3, again=jobs.start_same)(_handler(_step))
