"""The pages of jobs: live while open, still after, one's own only."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Job
from tests.factories.accounts import JobFactory


@pytest.fixture
def client(client, anna):
    client.force_login(anna)
    return client


def page(client, job, target=""):
    headers = {"HX-Request": "true", "HX-Target": target} if target else {}
    return client.get(reverse("accounts:job", args=[job.pk]), headers=headers)


@pytest.mark.parametrize("state", Job.State.values)
def test_every_state_has_a_page(client, anna, state):
    job = JobFactory(owner=anna, state=state, message="Reading", error="It broke. All is safe.", done=5, total=10)
    answer = page(client, job)
    assert answer.status_code == 200
    assert ("every 1s" in answer.content.decode()) == job.is_open
    assert ("It broke. All is safe." in answer.content.decode()) == (state == "failed")


def test_an_open_job_refreshes_its_live_part(client, anna):
    job = JobFactory(owner=anna, state="running", done=50, total=200, unit="rows", started_at=timezone.now())
    answer = page(client, job, "job-live")
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert "50 of 200" in answer.content.decode()


def test_polling_stops_when_the_job_ends(client, anna):
    job = JobFactory(owner=anna, state="done", result={"new_plays": 12, "import_id": 3})
    answer = page(client, job, "job-live")
    assert answer.status_code == 286
    assert "every 1s" not in answer.content.decode()
    assert "New plays" in answer.content.decode()
    assert "Import" not in answer.content.decode()
    assert page(client, job, f"job-{job.pk}").status_code == 286


def test_the_line_on_other_pages_answers_with_itself(client, anna):
    job = JobFactory(owner=anna, state="running")
    assert f'id="job-{job.pk}"' in page(client, job, f"job-{job.pk}").content.decode()


def test_jobs_of_others_are_not_there(client, ben):
    job = JobFactory(owner=ben)
    assert page(client, job).status_code == 404
    assert client.post(reverse("accounts:job-cancel", args=[job.pk])).status_code == 404
    assert str(reverse("accounts:job", args=[job.pk])) not in client.get("/jobs/").content.decode()


def test_tracebacks_are_for_operators(client, anna):
    job = JobFactory(owner=anna, state="failed", error="Sorry.", traceback="KeyError: secret place")
    assert "secret place" not in page(client, job).content.decode()
    anna.is_staff = True
    anna.save()
    assert "secret place" in page(client, job).content.decode()


def test_a_job_is_stopped_by_its_button(client, anna):
    job = JobFactory(owner=anna)
    answer = client.post(reverse("accounts:job-cancel", args=[job.pk]), {"next": "/imports/"})
    assert answer.url == "/imports/"
    job.refresh_from_db()
    assert job.state == "cancelled"
    answer = client.post(reverse("accounts:job-cancel", args=[job.pk]), {"next": "https://evil.example/"})
    assert answer.url == reverse("accounts:job", args=[job.pk])


def test_stopping_needs_a_post(client, anna):
    assert client.get(reverse("accounts:job-cancel", args=[JobFactory(owner=anna).pk])).status_code == 405


def test_the_list_is_filtered_and_paged(client, anna):
    for number in range(70):
        JobFactory(owner=anna, kind="odd" if number % 2 else "even", state="done" if number % 7 else "failed")
    first = client.get("/jobs/")
    assert len(first.context["jobs"]) == 30
    seen, address = [], "/jobs/"
    while True:
        answer = client.get(address)
        seen += [job.pk for job in answer.context["jobs"]]
        if not answer.context["older"]:
            break
        address = "/jobs/" + answer.context["older"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 70
    assert {job.kind for job in client.get("/jobs/?kind=odd").context["jobs"]} == {"odd"}
    assert len(client.get("/jobs/?state=failed").context["jobs"]) == 10
    assert client.get("/jobs/?state=nonsense&before=abc&kind=%00").status_code == 200


def test_the_list_asks_as_often_for_many_as_for_one(client, anna, django_assert_max_num_queries):
    JobFactory.create_batch(30, owner=anna)
    with django_assert_max_num_queries(12):
        client.get("/jobs/")
