"""The older tool's pipeline over HTTP, with the sandbox as Spotify and without any Spotify at all."""

import json
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Job
from ingest.models import TrackSource, Wanted
from playlists.models import Playlist, Rule
from tests.factories.accounts import JobFactory, bearer
from tests.factories.ingest import NOON, TrackFactory, heard

STEPS = ("tracks", "external", "classify", "build", "diff")


@pytest.fixture
def call(client, anna):
    headers = bearer(anna, "read", "edit")

    def called(method: str, path: str, body: Any = None, *, status: int = 200, **other: Any) -> Any:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        answer = getattr(client, method)(f"/api/{path}", **sent, **(other or headers))
        assert answer.status_code == status, answer.content
        return answer.json()

    return called


def test_health_needs_no_sign_in(client, db):
    assert client.get("/api/pipeline/health").json() == {"status": "ok"}


class TestWithoutSpotify:
    def test_the_source_list_and_fetching_say_where_to_connect(self, call):
        liked = {"sources": [{"source_type": "liked", "source_id": None, "label": "Liked tracks"}]}
        for method, path, body in (
            ("get", "pipeline/tracks/sources", None),
            ("get", "spotify/playlists", None),
            ("post", "pipeline/tracks/fetch-sources", liked),
        ):
            told = call(method, path, body, status=401)
            assert told["auth_url"] == "http://testserver/connections/"
        status = call("get", "auth/status")
        assert (status["authenticated"], status["auth_url"]) == (False, "http://testserver/connections/")

    @pytest.mark.parametrize("step", STEPS)
    def test_every_step_has_its_answer_and_runs_as_a_job(self, call, anna, run_jobs, settings, step):
        settings.PROVIDERS_OFF = ("reccobeats", "lastfm", "musicbrainz", "listenbrainz", "lrclib", "estimate")
        heard(anna, TrackFactory(), NOON)
        assert call("get", f"pipeline/{step}")["step"] == step
        started = call("post", f"pipeline/{step}/run-async")
        assert (started["step"], started["status"], started["payload"]) == (step, "pending", None)
        run_jobs()
        done = call("get", f"pipeline/jobs/{started['id']}")
        assert (done["status"], done["progress"], done["payload"]["step"]) == ("done", 1.0, step)
        assert done["payload"] == call("get", f"pipeline/{step}")
        assert started["id"] in {job["id"] for job in call("get", f"pipeline/jobs?step={step}&status=done")["jobs"]}

    def test_the_same_twice_is_the_same(self, call, anna, run_jobs):
        heard(anna, TrackFactory(), NOON)
        payloads = []
        for _time in range(2):
            started = call("post", "pipeline/build/run-async")
            run_jobs()
            payloads.append(call("get", f"pipeline/jobs/{started['id']}")["payload"])
        assert payloads[0] == payloads[1]

    def test_apply_and_unknown_steps_are_refused_and_do_nothing(self, call):
        assert "confirms" in call("post", "pipeline/apply/run-async", status=409)["detail"]
        call("post", "pipeline/nonsense/run-async", status=400)
        assert not Job.objects.exists()

    def test_what_nobody_measured_is_wanted(self, call, anna, run_jobs, settings):
        settings.PROVIDERS_OFF = ()
        track = TrackFactory()
        heard(anna, track, NOON)
        call("post", "pipeline/external/run-async")
        run_jobs("pipeline_external")
        assert Wanted.objects.filter(track=track, rank=1).exists()

    def test_a_diff_tells_what_comes_and_leaves_by_name(self, call, anna):
        stays, comes = TrackFactory(name="Stays"), TrackFactory(name="Comes")
        for track in (stays, comes):
            heard(anna, track, NOON)
        gone = TrackFactory(name="Leaves")
        uris = [f"spotify:track:{track.spotify_id}" for track in (gone, stays, stays)]
        playlist = Playlist.objects.create(owner=anna, name="Mine", spotify_id="mine", synced_uris=uris)
        Rule.objects.create(user=anna, name="All", body={"conditions": []}, playlist=playlist)
        told = call("get", "pipeline/diff")["playlists"][0]
        assert (told["name"], told["playlist_id"], told["existing"], told["target"]) == ("Mine", "mine", 3, 2)
        assert [each["name"] for each in told["to_add"]] == [f"{comes.artist} – Comes"]
        assert [each["name"] for each in told["to_remove"]] == [f"{gone.artist} – Leaves"]
        assert told["counts"]["duplicates"] == 1


class TestJobs:
    @pytest.mark.parametrize(
        ("state", "begun", "status"),
        [
            ("queued", False, "pending"),
            ("queued", True, "running"),  # put off: it never goes back to pending
            ("running", True, "running"),
            ("done", True, "done"),
            ("failed", True, "error"),
            ("cancelled", False, "error"),
        ],
    )
    def test_states(self, call, anna, state, begun, status):
        job = JobFactory(
            owner=anna, kind="pipeline_build", state=state, started_at=NOON if begun else None, error="Why"
        )
        told = call("get", f"pipeline/jobs/{job.pk}")
        assert told["status"] == status
        assert (told["message"] == "Why") == (status == "error")
        assert [each["id"] for each in call("get", f"pipeline/jobs?status={status}")["jobs"]] == [str(job.pk)]

    def test_of_others_and_of_other_kinds_are_not_there(self, call, anna, ben):
        theirs, other = JobFactory(owner=ben, kind="pipeline_build"), JobFactory(owner=anna, kind="history_import")
        for job in (theirs, other):
            call("get", f"pipeline/jobs/{job.pk}", status=404)
        call("get", "pipeline/jobs/nonsense", status=404)
        assert call("get", "pipeline/jobs")["jobs"] == []

    def test_the_list_is_read_on_by_key(self, call, anna):
        made = [JobFactory(owner=anna, kind="pipeline_build", state="done").pk for _each in range(3)]
        first = call("get", "pipeline/jobs?limit=2")
        assert [int(job["id"]) for job in first["jobs"]] == made[:0:-1]
        assert [int(job["id"]) for job in call("get", f"pipeline/jobs?before={first['next']}")["jobs"]] == made[:1]


class TestSources:
    def test_likes_are_fetched_told_and_joined(self, call, anna, connection, run_jobs):
        wish = {"sources": [{"source_type": "liked", "source_id": None, "label": "Liked tracks"}]}
        (started,) = call("post", "pipeline/tracks/fetch-sources", wish)["jobs"]
        assert (started["step"], started["metadata"]["source_type"], started["metadata"]["source_id"]) == (
            "fetch_tracks", "liked", None)  # fmt: skip
        run_jobs()
        done = call("get", f"pipeline/jobs/{started['id']}")
        assert done["status"] == "done", done["message"]
        payload = done["payload"]
        assert payload["source"]["source_type"] == "liked"
        assert payload["total"] == len(payload["tracks"]) > 10
        assert all(each["name"] and each["artist"] and each["album"] for each in payload["tracks"])
        assert all(each["artists"][0] == each["artist"] and each["added_at"] for each in payload["tracks"])
        assert max(len(each["artists"]) for each in payload["tracks"]) > 1
        joined = call("get", "pipeline/tracks/aggregate")
        assert joined["sources"] == [{"source_type": "liked", "source_id": None, "source_label": "Liked tracks"}]
        assert {each["id"] for each in joined["tracks"]} == {each["id"] for each in payload["tracks"]}
        assert joined["tracks"][0]["sources"] == joined["sources"]
        assert call("get", "auth/status")["authenticated"]
        assert call("get", "pipeline/tracks/sources")[0]["source_type"] == "liked"

    def test_a_track_in_two_sources_is_one_row_with_both(self, call, anna, connection):
        track = TrackFactory()
        for name in ("One", "Two"):
            source = TrackSource.objects.create(
                user=anna, connection=connection, kind="playlist", spotify_id=name, name=name, included=True
            )
            source.entries.create(position=0, track=track)
        joined = call("get", "pipeline/tracks/aggregate")
        assert [[each["source_label"] for each in row["sources"]] for row in joined["tracks"]] == [["One", "Two"]]

    def test_k_sources_are_k_jobs_and_others_are_not_there(self, call, anna, ben, connection):
        for user, name in ((anna, "mine"), (ben, "theirs")):
            TrackSource.objects.create(user=user, connection=connection, kind="playlist", spotify_id=name, name=name)
        wish = [{"source_type": "liked"}, {"source_type": "playlist", "source_id": "mine", "label": "x"}]
        told = call("post", "pipeline/tracks/fetch-sources", {"sources": wish})["jobs"]
        assert [job["metadata"]["source_label"] for job in told] == ["Liked tracks", "mine"]
        wish.append({"source_type": "playlist", "source_id": "theirs"})
        call("post", "pipeline/tracks/fetch-sources", {"sources": wish}, status=404)
        call("post", "pipeline/tracks/fetch-sources", {"sources": []}, status=422)
        assert Job.objects.filter(kind="fetch_tracks").count() == 2
        assert [each["name"] for each in call("get", "spotify/playlists")["playlists"]] == ["mine"]

    def test_a_failed_job_says_why_and_the_others_are_not_harmed(self, call, anna, connection, run_jobs, spotify):
        gone = TrackSource.objects.create(user=anna, connection=connection, kind="playlist", spotify_id="gone1")
        wish = {"sources": [{"source_type": "playlist", "source_id": gone.spotify_id}, {"source_type": "liked"}]}
        first, second = call("post", "pipeline/tracks/fetch-sources", wish)["jobs"]
        run_jobs()
        failed, done = (call("get", f"pipeline/jobs/{each['id']}") for each in (first, second))
        assert (failed["status"], failed["payload"], done["status"]) == ("error", None, "done")
        assert failed["message"]

    def test_the_step_tracks_reads_likes_anew(self, call, anna, connection, run_jobs):
        started = call("post", "pipeline/tracks/run-async")
        assert started["metadata"]["source_type"] == "liked"
        run_jobs()
        assert call("get", f"pipeline/jobs/{started['id']}")["payload"]["tracks_count"] > 10
        assert TrackSource.objects.get(kind="liked").pulled_at <= timezone.now()
