"""The older addresses: register, store tokens, ingest, tasks and snapshots, with sign-in or a token of the scope."""

import json
import logging

import pytest

from accounts import keys
from accounts.models import Registration, SpotifyConnection, User
from accounts.spotify import crypto
from insights.models import ListeningSnapshot
from tests.factories.accounts import JobFactory, SpotifyAppFactory, bearer
from tests.factories.ingest import NOON, TrackFactory, heard

pytestmark = pytest.mark.django_db
NEWCOMER = {"spotify_user_id": "some.listener", "display_name": "Some Listener"}
TOKENS = {"access_token": "BQ-secret-access", "refresh_token": "AQ-secret-refresh", "expires_in": 1800}


@pytest.fixture
def post(client, anna):
    def posted(path, data, status, **headers):
        answer = client.post(
            f"/api/{path}", data, "application/json", **(headers or bearer(anna, "register", "import"))
        )
        assert answer.status_code == status, answer.content
        return answer.json()

    return posted


@pytest.fixture
def app(db, settings):
    settings.SPOTIFY_CLIENT_ID = ""
    return SpotifyAppFactory()


def test_registering_twice_gives_the_same_person(post, anna):
    first = post("users/register", NEWCOMER, 201)
    again = post("users/register", NEWCOMER, 200)
    assert (first["created"], again["created"]) == (True, False)
    assert first["user_id"] == again["user_id"]
    user = User.objects.get(pk=first["user_id"])
    assert (user.first_name, user.has_usable_password(), user.registration.by) == ("Some Listener", False, anna)


def test_whose_account_it_is_is_not_told_to_others(post, ben):
    post("users/register", NEWCOMER, 201)
    theirs = post("users/register", NEWCOMER, 409, **bearer(ben, "register"))
    assert "user_id" not in theirs


def test_registering_needs_its_own_scope_or_a_session(client, anna, post):
    post("users/register", NEWCOMER, 403, **bearer(anna, "read", "submit", "import", "export"))
    assert client.post("/api/users/register", NEWCOMER, "application/json").status_code == 401
    client.force_login(anna)
    assert client.post("/api/users/register", NEWCOMER, "application/json").status_code == 201


def test_registering_is_bounded(post, settings, operator):
    post("users/register", {"spotify_user_id": "no spaces", "display_name": ""}, 422)
    for number in range(20):
        post("users/register", {"spotify_user_id": f"listener{number}"}, 201)
    post("users/register", {"spotify_user_id": "one-more"}, 429)
    settings.SIGN_UP = "closed"
    Registration.objects.all().delete()
    post("users/register", {"spotify_user_id": "two-more"}, 403)
    post("users/register", {"spotify_user_id": "two-more"}, 201, **bearer(operator, "register"))


def test_tokens_are_sealed_and_never_given_back(post, client, anna, app, caplog):
    caplog.set_level(logging.DEBUG)
    told = post("tokens/store", TOKENS | {"spotify_user_id": "anna"}, 202)
    assert (told["user_id"], told["state"]) == (anna.pk, "checking")
    row = SpotifyConnection.objects.get()
    assert crypto.decrypt(row.refresh_token_encrypted) == TOKENS["refresh_token"]
    post("tokens/store", TOKENS | {"spotify_user_id": "anna"}, 202)
    assert SpotifyConnection.objects.count() == 1
    refused = post("tokens/store", TOKENS | {"expires_in": "soon"}, 422)
    shown = client.get("/api/v1/connections", **bearer(anna)).json()
    for said in (told, refused, shown, caplog.text, row.refresh_token_encrypted):
        assert "secret" not in json.dumps(said)


def test_tokens_are_stored_for_oneself_and_whom_one_registered(post, ben, app):
    newcomer = post("users/register", NEWCOMER, 201)["user_id"]
    told = post("tokens/store", TOKENS | {"user_id": newcomer}, 202)
    assert told["spotify_user_id"] == "some.listener"
    post("tokens/store", TOKENS | {"user_id": newcomer}, 404, **bearer(ben, "register"))
    post("tokens/store", TOKENS | {"user_id": ben.pk}, 404)
    User.objects.filter(pk=newcomer).update(last_login=NOON)
    post("tokens/store", TOKENS | {"user_id": newcomer}, 404)
    post("tokens/store", TOKENS, 422)  # no account is known of the caller
    post("tokens/store", TOKENS | {"spotify_user_id": "anna", "client_id": "nobodys"}, 422)


def test_ingest_is_queued_followed_and_read(post, client, anna, ben, run_jobs):
    heard(anna, TrackFactory(), NOON)
    task = post("listening/ingest", {"time_range": "short_term"}, 202)
    assert (task["status"], task["result"]) == ("PENDING", None)
    headers = bearer(anna)
    run_jobs()
    done = client.get(f"/api/tasks/{task['task_id']}", **headers).json()
    assert done["status"] == "SUCCESS"
    (row,) = client.get("/api/listening/snapshots?time_range=short_term", **headers).json()["items"]
    assert done["result"]["snapshots"] == [row["id"]]
    assert client.get(f"/api/listening/snapshots/{row['id']}", **headers).json() == row
    assert client.get("/api/listening/snapshots?time_range=long_term", **headers).json()["items"] == []
    for address in (f"tasks/{task['task_id']}", f"listening/snapshots/{row['id']}",
                    f"listening/snapshots?user_id={anna.pk}", "tasks/none"):  # fmt: skip
        assert client.get(f"/api/{address}", **bearer(ben)).status_code == 404
    post("listening/ingest", {"time_range": "forever"}, 422)
    post("listening/ingest", {"user_id": ben.pk}, 404)


def test_without_a_range_all_are_taken(post, anna, run_jobs):
    post("listening/ingest", {}, 202)
    run_jobs()
    assert ListeningSnapshot.objects.of(anna).count() == 3


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("queued", "PENDING"),
        ("running", "STARTED"),
        ("done", "SUCCESS"),
        ("failed", "FAILURE"),
        ("cancelled", "FAILURE"),
    ],
)
def test_tasks_have_the_older_words(client, anna, state, status):
    job = JobFactory(owner=anna, state=state, error="The disk was full." if state == "failed" else "")
    told = client.get(f"/api/tasks/{job.pk}", **bearer(anna)).json()
    assert (told["status"], told["error"]) == (status, "The disk was full." if state == "failed" else told["error"])


def test_a_token_of_the_scope_is_made_like_any_other(anna):
    token, _text = keys.make(user=anna, name="", scopes=["register"], now=NOON)
    assert token.scope_words == ["Register people and hand over their Spotify tokens"]
