"""A row of a given person for each address that is about one; each maker returns the arguments of the address."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from accounts import keys
from accounts.models import Invitation, Notice, User
from ingest.models import (
    FactAct,
    HistoryExport,
    HistoryImport,
    ListeningFilter,
    ListRow,
    OwnGrouping,
    Play,
    Track,
    TrackSource,
    UnsureTrack,
)
from insights.models import ListeningSnapshot
from playlists.models import Playlist, Rule, SyncRun
from tests.factories.accounts import JobFactory, SpotifyAppFactory, SpotifyConnectionFactory
from tests.factories.ingest import TrackFactory, heard, tagged

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def job(user: User) -> tuple[int]:
    return (JobFactory(owner=user).pk,)


def pipeline_job(user: User) -> tuple[int]:
    return (JobFactory(owner=user, kind="pipeline_build").pk,)


def connection(user: User) -> tuple[int]:
    return (SpotifyConnectionFactory(user=user).pk,)


def app(user: User) -> tuple[int]:
    return (SpotifyAppFactory(owner=user).pk,)


def token(user: User) -> tuple[int]:
    return (keys.make(user=user, name="test", scopes=["read"], now=NOON)[0].pk,)


def notice(user: User) -> tuple[int]:
    return (
        Notice.objects.create(
            user=user, kind="test", key=uuid4().hex, text="Hm.", created_at=NOON, repeated_at=NOON
        ).pk,
    )


def playlist(user: User) -> tuple[int]:
    return (Playlist.objects.create(owner=user, name="Slow").pk,)


def sync_run(user: User) -> tuple[int]:
    found = Playlist.objects.create(owner=user, name="Slow")
    return (SyncRun.objects.create(playlist=found, wanted=[], after=["spotify:track:new"], made_at=NOON).pk,)


def history_import(user: User) -> tuple[int]:
    return (HistoryImport.objects.create(user=user, name="my_spotify_data.zip").pk,)


def history_export(user: User) -> tuple[int]:
    return (HistoryExport.objects.create(user=user, state="done", made_at=NOON, expires_at=NOON).pk,)


def own_grouping(user: User) -> tuple[int]:
    word = OwnGrouping(user=user, track=TrackFactory(), is_same=False, made_at=NOON)
    word.save()
    return (word.pk,)


def unsure_track(user: User) -> tuple[int]:
    (pk,) = history_import(user)
    return (UnsureTrack.objects.create(user=user, history_import_id=pk, track=TrackFactory()).pk,)


def snapshot(user: User) -> tuple[int]:
    row = {"first": NOON.date(), "taken_at": NOON, "zone": "UTC", "rule": "vibesite", "version": 1}
    row |= dict.fromkeys(("plays", "ms", "tracks", "artists", "albums", "days", "from_spotify"), 0)
    rows = ListeningSnapshot.objects
    return (rows.get_or_create(user=user, on=NOON.date(), range="short_term", defaults=row)[0].pk,)


def invitation(user: User) -> Invitation:
    return Invitation.objects.create(token=uuid4().hex, created_by=user, expires_at=NOON + timedelta(days=3650))


def rule(user: User) -> tuple[int]:
    return (Rule.objects.create(user=user, name="Calm", body={"conditions": []}).pk,)


def rule_key(user: User) -> tuple[str]:
    return (Rule.objects.get(pk=rule(user)[0]).key,)


def fact_act(user: User) -> tuple[int]:
    return (FactAct.objects.create(user=user, field="labels", tracks=0, made_at=NOON).pk,)


def left_out(user: User) -> tuple[int]:
    return (ListeningFilter.objects.create(user=user, kind="track", value=uuid4().int % 2**31).pk,)


def heard_track(user: User) -> tuple[int]:
    track = TrackFactory()
    heard(user, track, NOON)
    return (track.pk,)


def heard_artist(user: User) -> tuple[int]:
    return (Track.objects.get(pk=heard_track(user)[0]).artist_id,)  # type: ignore[return-value]


def heard_album(user: User) -> tuple[int]:
    return (Track.objects.get(pk=heard_track(user)[0]).album_id,)  # type: ignore[return-value]


def heard_play(user: User) -> tuple[int]:
    heard_track(user)
    return (Play.objects.of(user).values_list("pk", flat=True)[0],)


def heard_genre(user: User) -> tuple[int]:
    track = TrackFactory()
    tag = tagged(track.artist, "shoegaze")
    heard(user, track, NOON)
    return (tag.pk,)


def session(user: User) -> tuple[int]:
    heard_track(user)
    return (round(NOON.timestamp() * 1000),)


def source(user: User) -> tuple[int]:
    return (TrackSource.objects.create(user=user, kind="list", name="From my car").pk,)


def list_row(user: User) -> tuple[int]:
    return (ListRow.objects.create(source_id=source(user)[0], position=0, title="Creep", problem="unknown").pk,)


def nothing_there(user: User) -> tuple[int]:
    return (404_404,)


def name(user: User) -> tuple[str]:
    return (user.username,)
