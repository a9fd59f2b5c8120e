"""The JSON API: who may ask, what comes back, what is said when something is wrong."""

import re
from collections import defaultdict
from datetime import timedelta

import pytest
from django.urls import reverse
from ninja import Schema

from accounts.models import Job
from ingest import lens, period
from ingest.models import Counting, Play
from tests.factories.accounts import bearer
from tests.factories.ingest import NOON, TrackFactory, heard

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client, anna):
    """Ask as Anna's program: the answer's JSON, or the whole answer if it is not 200."""
    headers = bearer(anna)

    def asked(path):
        answer = client.get(f"/api/v1/{path}", **headers)
        return answer.json() if answer.status_code == 200 else answer

    return asked


@pytest.fixture
def history(anna):
    """Five plays on two days; one of them a skip."""
    tracks = [TrackFactory(), TrackFactory()]
    for number, (track, seconds) in enumerate(zip([0, 0, 1, 0, 1], [180, 100, 10, 200, 150], strict=True)):
        heard(anna, tracks[track], NOON - timedelta(hours=5 * number), seconds=seconds)
    return tracks


def test_without_a_token_nothing_is_told(client, anna, history):
    answer = client.get("/api/v1/plays")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    refused = client.get("/api/v1/plays", HTTP_AUTHORIZATION="Bearer nothing")
    assert (refused.status_code, refused.json()["code"]) == (401, "unknown")


def test_a_token_may_only_do_its_scopes(client, anna):
    answer = client.get("/api/v1/me", **bearer(anna, "submit"))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope")


def test_a_session_may_read_and_needs_its_form_token_to_change(anna, history):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    assert client.get("/api/v1/me").json()["username"] == "anna"
    assert client.post("/api/v1/imports").status_code == 403


def test_plays_are_paged_by_key_without_holes_or_doubles(ask, history):
    first = ask("plays?limit=2")
    second = ask(f"plays?limit=2&older={first['next']}")
    third = ask(f"plays?limit=2&older={second['next']}")
    ids = [play["id"] for page in (first, second, third) for play in page["items"]]
    assert ids == list(Play.objects.order_by("-started_at").values_list("id", flat=True))
    assert (first["matches"], third["next"]) == (5, None)


def test_plays_say_what_counts_and_what_was_skipped(ask, history):
    plays = ask("plays")["items"]
    assert [(play["ms_played"], play["counts"], play["skipped"]) for play in plays] == [
        (180_000, True, False), (100_000, True, False), (10_000, False, True), (200_000, True, False),
        (150_000, True, False),
    ]  # fmt: skip
    assert {play["track"]["id"] for play in ask(f"plays?track={history[1].pk}")["items"]} == {history[1].pk}


def test_nobody_reads_anothers_listening(client, ben, history):
    headers = bearer(ben)
    assert client.get("/api/v1/plays", **headers).json()["items"] == []
    assert client.get("/api/v1/stats/summary?range=all", **headers).json()["plays"] == 0
    assert client.get(f"/api/v1/tracks/{history[0].pk}", **headers).status_code == 404


def test_figures_are_those_of_the_pages(ask, client, anna, history):
    client.force_login(anna)
    page = client.get(reverse("insights:top", args=["tracks"]) + "?range=all").context["listing"]
    api = ask("stats/top/tracks?range=all")
    assert [(line["rank"], line["id"], line["plays"], line["ms"]) for line in api["items"]] == [
        (line.ranked.rank, line.item.pk, line.ranked.plays, line.ranked.ms) for line in page.lines
    ]


def test_the_summary_adds_up_under_every_rule(ask, anna, history):
    for rule in ("", "lastfm", "listenbrainz", "spotify", "finished"):
        told = ask(f"stats/summary?rule={rule}")
        counted = lens.read(anna, rule=rule).heard().counted
        assert (told["plays"], told["ms"]) == (len(counted), counted.total_ms)
        assert told["plays"] + told["not_counted"] == 5
    Counting.objects.create(user=anna, rule=Counting.Rule.OWN, own_seconds=180, own_percent=0)
    assert (ask("stats/summary")["basis"]["rule"], ask("stats/summary")["plays"]) == ("own", 2)


def test_every_view_of_the_same_plays_has_the_same_total(ask, history):
    assert sum(map(sum, ask("stats/heatmap")["plays"])) == 4
    assert sum(map(sum, ask("stats/heatmap?blocks=24")["plays"])) == 4
    assert sum(ask("stats/clock")["plays"]) == 4
    for unit in ("hour", "day", "week", "month", "year"):
        assert sum(step["plays"] for step in ask(f"stats/over-time?unit={unit}")["items"]) == 4
    assert sum(session["plays"] for session in ask("stats/sessions")["items"]) == 4
    assert ask("stats/skips")["overall"] == {"starts": 5, "skips": 1}
    assert ask("stats/streaks")["longest"]["days"] == 2


def test_the_same_answer_is_not_sent_twice(client, anna, history):
    headers = bearer(anna)
    first = client.get("/api/v1/stats/summary", **headers)
    again = client.get("/api/v1/stats/summary", HTTP_IF_NONE_MATCH=first["ETag"], **headers)
    assert (again.status_code, again.content) == (304, b"")
    heard(anna, history[0], NOON + timedelta(hours=3))
    fresh = client.get("/api/v1/stats/summary", HTTP_IF_NONE_MATCH=first["ETag"], **headers)
    assert (fresh.status_code, fresh.json()["plays"]) == (200, 5)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("stats/summary?range=fortnight", 422, "is no range"),
        ("stats/summary?range=custom&from=2024-02-30", 422, "is no date"),
        ("stats/summary?rule=mine", 422, "is one of"),
        ("stats/over-time?range=all&unit=hour&range=2024", 422, "up to 31 days"),
        ("plays?older=yesterday", 422, "no place in the log"),
        ("plays?artist=-1", 422, "errors"),
        ("artists/424242", 404, "no such thing"),
        ("jobs/99999999999999999999", 404, "no such thing"),
    ],
)
def test_problems_are_said(ask, history, path, status, said):
    answer = ask(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/", "/api/nothing", "/api/v1/plays/"])
def test_an_address_that_there_is_not_is_a_problem(client, anna, path):
    answer = client.get(path, **bearer(anna))
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert "/api/" in answer.json()["detail"]


def test_a_method_that_is_not_taken_is_a_problem(client, anna):
    answer = client.delete("/api/v1/plays", **bearer(anna))
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert answer["Allow"] == "GET, HEAD"


def test_a_head_tells_what_a_get_would(client, anna, history):
    headers = bearer(anna)
    whole, head = client.get("/api/v1/plays", **headers), client.head("/api/v1/plays", **headers)
    assert (head.status_code, head.content) == (200, b"")
    assert (head["ETag"], head["Content-Length"]) == (whole["ETag"], str(len(whole.content)))
    assert client.head("/api/v1/plays", HTTP_IF_NONE_MATCH=whole["ETag"], **headers).status_code == 304


def test_a_token_may_be_called_token_here_too(client, anna):
    told = bearer(anna)["HTTP_AUTHORIZATION"].replace("Bearer", "Token")
    assert client.get("/api/v1/me", HTTP_AUTHORIZATION=told).json()["username"] == anna.username


@pytest.mark.parametrize("body", ["[null]", "5", '"x"', "null", "{bad"])
def test_a_body_that_is_no_object_starts_nothing(client, anna, body):
    answer = client.post("/api/v1/snapshots", body, content_type="application/json", **bearer(anna, "import"))
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert not Job.objects.exists()


def test_days_alone_are_a_range(ask, history):
    days = f"from={NOON.date()}&to={NOON.date()}"
    alone, named = ask(f"stats/summary?{days}"), ask(f"stats/summary?range=custom&{days}")
    assert alone == named
    assert alone["basis"]["first"] == str(NOON.date())
    assert alone["plays"] < ask("stats/summary")["plays"]
    assert ask("stats/summary?from=2024-02-30").status_code == 422


def test_an_empty_upload_is_not_too_large(client, anna):
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {"files": SimpleUploadedFile("history.json", b"")}
    answer = client.post("/api/v1/imports", sent, **bearer(anna, "import"))
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


PART = 'Content-Disposition: form-data; name="files"; filename="{}.json"'


@pytest.mark.parametrize(
    ("form", "body", "status"),
    [
        ("", "x", 400),  # no boundary
        ("; boundary=b", f"--b\r\n{PART.format('a' * 3000)}\r\n\r\n[]\r\n--b--", 400),  # a name beyond reading
        ("; boundary=b", f"--b\r\n{PART.format(1)}\r\n\r\n[]\r\n" * 1001 + "--b--", 413),
        ("; boundary=b", '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + "x" * 6_000_000, 413),
    ],
)
def test_a_form_that_cannot_be_read_is_told_so(client, anna, form, body, status):
    answer = client.post("/api/v1/imports", body, content_type="multipart/form-data" + form, **bearer(anna, "import"))
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


def test_every_origin_of_a_play_can_be_asked_for(client, anna):
    for origin in Play.Origin:
        heard(anna, TrackFactory(), NOON + timedelta(hours=origin), origin=origin)
    headers = bearer(anna)
    for origin in Play.Origin:
        found = client.get(f"/api/v1/plays?origin={origin.name.lower()}", **headers).json()
        assert [play["origin"] for play in found["items"]] == [origin.name.lower()]


def test_the_description_tells_of_refusals_and_of_what_a_word_may_be(client):
    schema = client.get("/api/v1/openapi.json").json()
    operations = [each for methods in schema["paths"].values() for each in methods.values()]
    assert all("application/problem+json" in each["responses"]["4XX"]["content"] for each in operations)
    words = {each["name"]: each["schema"] for each in schema["paths"]["/api/v1/stats/summary"]["get"]["parameters"]}
    assert "lastfm" in words["rule"]["enum"]
    for name in (*period.NAMED, "2024", "2024-03", "custom", ""):
        assert re.match(words["range"]["pattern"], name)
    for name in ("2024-13", "9d", "0000", "yesterday"):
        assert not re.match(words["range"]["pattern"], name)
    assert re.match(words["from"]["pattern"], "2024-02-29")
    assert not re.match(words["from"]["pattern"], "29.2.2024")


def test_a_day_is_written_out(ask, history):
    assert ask("stats/on-this-day?day=2024-02-29")["day"] == "2024-02-29"
    assert ask("stats/on-this-day?day=0").status_code == 422


def test_too_many_calls_are_told_when_to_go_on(client, anna):
    headers = bearer(anna)
    from accounts.rates import CALLS

    answers = [client.get("/api/v1/me", **headers) for _each in range(2 * CALLS + 1)]  # over two windows at most
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0]["Retry-After"]) >= 1


def test_the_handbook_lists_every_operation(client):
    shown = client.get(reverse("handbook")).content.decode()
    schema = client.get("/api/v1/openapi.json").json()
    assert all(path in shown for path in schema["paths"])
    assert len(schema["paths"]) >= 19


def test_no_two_shapes_share_a_name(client):
    """In openapi.json the later one would stand for both."""
    assert client.get("/api/v1/openapi.json").status_code == 200  # every shape is there now
    homes, waiting = defaultdict(set), [Schema]
    while waiting:
        shape = waiting.pop()
        waiting += shape.__subclasses__()
        if shape.__module__.startswith(("accounts.", "ingest.", "playlists.", "insights.", "vibesite.")):
            homes[shape.__name__].add(shape.__module__)
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}
    assert homes["TrackOut"] == {"ingest.api"}


def test_private_sessions_are_apart_from_skips_and_sessions_as_on_the_pages(client, ask, anna):
    client.force_login(anna)
    track = TrackFactory()
    for number, private in enumerate((False, True, False, True)):
        heard(anna, track, NOON - timedelta(hours=number), seconds=5 + number, incognito=private)
    page = client.get(reverse("insights:skips") + "?range=all").context["skips"].overall
    assert ask("stats/skips")["overall"] == {"starts": page.starts, "skips": page.skips} == {"starts": 2, "skips": 2}
    assert ask("stats/summary")["skips"] == 2
    assert ask("stats/sessions")["count"] == 2
    Counting.objects.create(user=anna, with_incognito=True)
    assert [ask("stats/summary")["skips"], ask("stats/sessions")["count"]] == [4, 4]


def test_a_session_is_not_cut_by_the_ends_of_a_range(client, ask, anna):
    client.force_login(anna)
    midnight = NOON.replace(hour=0)
    for minutes in (-20, -10, 5, 300):
        heard(anna, TrackFactory(), midnight + timedelta(minutes=minutes), seconds=100)
    here, before = ask("stats/sessions?range=custom&from=2026-11-20"), ask("stats/sessions?range=custom&to=2026-11-19")
    assert [here["count"], before["count"]] == [1, 1]
    assert [before["items"][0]["plays"], here["items"][0]["plays"], here["next"]] == [3, 1, None]
    page = client.get(reverse("insights:sessions") + "?range=custom&from=2026-11-20").context["listing"]
    assert page.summary.count == 1
