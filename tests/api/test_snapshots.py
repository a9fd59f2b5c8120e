"""The JSON API on snapshots, comparing, sessions, the log's filters and exports."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse

from insights.actions import snapshots
from insights.models import ListeningSnapshot
from tests.factories.accounts import bearer
from tests.factories.ingest import NOON, TrackFactory, heard

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def ask(client, anna):
    headers = bearer(anna, "read", "import", "export")

    def asked(path, method="get", status=200, **rest):
        answer = getattr(client, method)(f"/api/v1/{path}", content_type="application/json", **rest, **headers)
        assert answer.status_code == status, answer.content
        return answer.json()

    return asked


@pytest.fixture
def taken(anna):
    for back in range(3):
        heard(anna, TrackFactory(), NOON - back * DAY)
    days = [(NOON - back * DAY).date() for back in (2, 1, 0)]
    list(snapshots.take(user=anna, days=days, ranges=ListeningSnapshot.Range.values, now=NOON))


def test_snapshots_are_listed_newest_first_without_holes(ask, anna, taken):
    seen, before = [], ""
    while before is not None:
        page = ask(f"snapshots?limit=2&before={before}")
        seen += page["items"]
        before = page["next"]
    assert [row["on"] for row in seen] == sorted((row["on"] for row in seen), reverse=True)
    assert {row["id"] for row in seen} == set(ListeningSnapshot.objects.values_list("pk", flat=True))
    short = ask("snapshots?range=short_term")["items"]
    assert [(row["on"], row["plays"]) for row in short] == [("2026-11-20", 3), ("2026-11-19", 2), ("2026-11-18", 1)]
    assert ask("snapshots?range=weekly", status=422)["errors"]
    ask("snapshots?before=never", status=422)


def test_a_snapshot_says_what_its_page_says(ask, client, anna, taken):
    row = ListeningSnapshot.objects.of(anna).filter(range="short_term").latest("on")
    told = ask(f"snapshots/{row.pk}")
    client.force_login(anna)
    shown = client.get(reverse("insights:snapshot", args=[row.pk])).context["shown"]
    assert [part["share"] for part in told["hours"].values()] == [point.value for point in shown.hours]
    assert told["diversity"]["artists"] == pytest.approx(3 / 50)
    assert told["features"] == {}


def test_nobody_reads_anothers_snapshots(ask, client, ben, taken):
    pk = ListeningSnapshot.objects.first().pk
    headers = bearer(ben)
    assert client.get(f"/api/v1/snapshots/{pk}", **headers).status_code == 404
    assert client.get("/api/v1/snapshots", **headers).json()["items"] == []


def test_taking_answers_a_job_at_once(ask, client, anna, run_jobs):
    job = ask("snapshots", "post", 202, data={"ranges": ["long_term"]})
    assert (job["state"], job["kind"]) == ("queued", "take_snapshots")
    assert ask("snapshots", "post", 202, data={"ranges": ["long_term"]})["id"] == job["id"]
    run_jobs()
    done = ask(f"jobs/{job['id']}")
    assert [row["id"] for row in ask("snapshots")["items"]] == done["result"]["snapshots"]
    ask("snapshots", "post", 422, data={"ranges": ["decade"]})
    assert client.post("/api/v1/snapshots", {}, "application/json", **bearer(anna, "read")).status_code == 403


def test_two_stretches_are_compared_as_on_the_page(ask, client, anna):
    old, both, new = (TrackFactory() for _each in range(3))
    for track, back in ((old, 10), (both, 9), (both, 1), (new, 0)):
        heard(anna, track, NOON - back * DAY)
    query = "range=custom&from=2026-11-15&to=2026-11-20"
    told = ask(f"stats/compare?{query}&what=tracks")
    assert (told["now"]["plays"], told["then"]["plays"]) == (2, 2)
    assert [row["id"] for row in told["entries"]] == [new.pk]
    assert [row["id"] for row in told["leavers"]] == [old.pk]
    client.force_login(anna)
    page = client.get(f"/compare/?{query}&what=tracks").context["compared"]
    assert [row["id"] for row in told["entries"]] == [line.change.key for line in page.groups["entries"]]
    ask("stats/compare?range=all", status=422)
    ask(f"stats/compare?{query}&vs=custom&vs_from=yesterday", status=422)


def test_the_tracks_of_a_session_are_paged_in_order(ask, client, anna, ben):
    tracks = [TrackFactory() for _each in range(3)]
    for number, track in enumerate(tracks):
        heard(anna, track, NOON + timedelta(minutes=4 * number), seconds=5 if number == 1 else 180)
    start = ask("stats/sessions")["items"][0]["start"]
    first = ask(f"stats/sessions/{start}/tracks?limit=2")
    second = ask(f"stats/sessions/{start}/tracks?limit=2&after={first['next']}")
    items = first["items"] + second["items"]
    assert [(row["track"]["id"], row["skipped"]) for row in items] == [
        (tracks[0].pk, False), (tracks[1].pk, True), (tracks[2].pk, False),
    ]  # fmt: skip
    assert second["next"] is None
    assert first["session"]["plays"] == 2
    assert client.get(f"/api/v1/stats/sessions/{start}/tracks", **bearer(ben)).status_code == 404
    ask(f"stats/sessions/{2**70}/tracks", status=404)


@pytest.mark.parametrize(
    "query",
    ["", "weekday=5", "hour=12&until=13", "origin=export", "origin=poll", "show=skips", "rule=spotify&show=plays",
     "weekday=67&hour=22&until=4", "span=0-99999999999999", "context=0"],
)  # fmt: skip
def test_plays_have_every_filter_of_the_log(ask, client, anna, query):
    for back in range(4):
        heard(anna, TrackFactory(), NOON - timedelta(hours=11 * back), seconds=20 if back == 2 else 180)
    client.force_login(anna)
    page = client.get(f"/log/?{query}").context["log"]
    told = ask(f"plays?{query}")
    assert told["matches"] == page.matches
    assert [row["id"] for row in told["items"]] == [entry.play.pk for day in page.days for entry in day.entries]


@pytest.mark.parametrize("query", ["weekday=8", "hour=24", "origin=radio", "rule=mine", "span=now", "range=fortnight"])
def test_a_filter_that_there_is_not_is_refused(ask, query):
    assert ask(f"plays?{query}", status=422)["errors"]


def test_an_export_is_started_followed_and_downloaded(ask, client, anna, ben, run_jobs, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    heard(anna, TrackFactory(), NOON)
    begun = ask("exports", "post", 202)
    assert (begun["state"], begun["ready"]) == ("waiting", False)
    assert ask("exports", "post", 202)["id"] == begun["id"]
    assert "not made yet" in ask(f"exports/{begun['id']}/download", status=404)["detail"]
    run_jobs()
    done = ask(f"exports/{begun['id']}")
    assert (done["state"], done["ready"], done["plays"]) == ("done", True, 1)
    assert [row["id"] for row in ask("exports")] == [begun["id"]]
    address = f"/api/v1/exports/{begun['id']}/download"
    answer = client.get(address, **bearer(anna, "export"))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:
        assert "choices.json" in packed.namelist()
    assert client.get(address, **bearer(anna, "read")).status_code == 403
    assert client.get(address, **bearer(ben, "export")).status_code == 404
