"""The pages of jobs: live while open, still after, one's own only."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import jobs
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


def test_the_list_says_when_each_ended(client, anna):
    JobFactory(owner=anna, state="failed", finished_at=datetime(2026, 3, 5, 8, 15, tzinfo=UTC))
    JobFactory(owner=anna, state="running", started_at=datetime(2026, 3, 6, 9, 30, tzinfo=UTC))
    listed = client.get("/jobs/").content.decode()
    assert listed.count("<time") == 1
    assert "5 Mar, 08:15" in listed


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
    for elsewhere in ("https://evil.example/", "imports"):
        answer = client.post(reverse("accounts:job-cancel", args=[job.pk]), {"next": elsewhere})
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


class TestAgain:
    """Beginning a failed or stopped job again."""

    @pytest.fixture(autouse=True)
    def _kinds(self, monkeypatch):
        monkeypatch.setattr(jobs, "_handlers", dict(jobs._handlers))
        jobs.handler("repeatable", again=jobs.start_same)(lambda run: None)
        jobs.handler("spent", again=jobs.start_same, why_not=lambda job: "Its files are gone.")(lambda run: None)
        jobs.handler("once")(lambda run: None)

    def post(self, client, job):
        return client.post(reverse("accounts:job-again", args=[job.pk]), follow=True)

    @pytest.mark.parametrize("state", ["failed", "cancelled"])
    def test_the_button_begins_a_new_job_with_the_same_arguments(self, client, anna, state):
        old = JobFactory(owner=anna, kind="repeatable", state=state, parameters={"list": 3}, key="3", step={"at": 5})
        assert "Try again" in page(client, old).content.decode()
        answer = self.post(client, old)
        new = Job.objects.latest("pk")
        assert answer.redirect_chain[-1][0] == reverse("accounts:job", args=[new.pk])
        assert (new.kind, new.owner, new.parameters, new.key, new.state) == (
            "repeatable",
            anna,
            {"list": 3},
            "3",
            "queued",
        )
        assert new.step == {}
        self.post(client, old)  # a second click
        assert Job.objects.count() == 2
        old.refresh_from_db()
        assert old.state == state

    @pytest.mark.parametrize(
        ("kind", "state"),
        [("repeatable", "done"), ("repeatable", "running"), ("once", "failed"), ("of a former version", "failed")],
    )
    def test_what_cannot_be_repeated_has_no_button(self, client, anna, kind, state):
        job = JobFactory(owner=anna, kind=kind, state=state)
        assert "Try again" not in page(client, job).content.decode()
        assert "cannot be begun again" in self.post(client, job).content.decode()
        assert Job.objects.count() == 1

    def test_the_reason_stands_where_the_button_would(self, client, anna):
        job = JobFactory(owner=anna, kind="spent", state="failed")
        said = page(client, job).content.decode()
        assert "Its files are gone." in said
        assert "Try again" not in said
        assert "Its files are gone." in self.post(client, job).content.decode()
        assert Job.objects.count() == 1

    def test_it_is_for_its_person_and_by_post(self, client, anna, ben):
        assert self.post(client, JobFactory(owner=ben, kind="repeatable", state="failed")).status_code == 404
        mine = JobFactory(owner=anna, kind="repeatable", state="failed")
        assert client.get(reverse("accounts:job-again", args=[mine.pk])).status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(anna)
        assert strict.post(reverse("accounts:job-again", args=[mine.pk])).status_code == 403
        assert Job.objects.count() == 2
