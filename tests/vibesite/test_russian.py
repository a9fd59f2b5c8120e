"""Russian: pages, mails and jobs speak it, with nothing of ours left in English."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse
from django.utils import formats, translation

from accounts import job_run, jobs, notices
from accounts.actions import care, depart
from accounts.models import Job, SpotifyConnection
from ingest.models import HistoryImport, ImportFile
from tests.factories.accounts import JobFactory, SpotifyAppFactory, SpotifyConnectionFactory, UserFactory
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard
from tests.messages import PLACEHOLDER, ROOT, catalogue, words_of
from vibesite.templatetags.jobs import job_figures
from vibesite.templatetags.numbers import brief, count, moment, span


@pytest.fixture(scope="module")
def english() -> set[str]:
    """Words of the English messages that no Russian translation uses."""
    words: set[str] = set()
    russian: set[str] = set()
    for (_context, one, many), entry in catalogue().items():
        words |= set(re.findall(r"[A-Za-z]{3,}", PLACEHOLDER.sub("", f"{one} {many}").lower()))
        russian |= set(re.findall(r"[A-Za-z]{3,}", PLACEHOLDER.sub("", " ".join(entry.translations)).lower()))
    return words - russian - {"source"}  # the name of a typeface on the about page


@pytest.fixture
def boris(db, now):
    """A Russian reader with a bit of everything on his pages; names are digits, so that no English is his own."""
    boris = UserFactory(username="борис", language="ru", time_zone="Europe/Moscow")
    app = SpotifyAppFactory(name="1")
    SpotifyConnectionFactory(user=boris, app=app, display_name="2", authorized_at=now - timedelta(days=160))
    tracks = [
        TrackFactory(name=str(n), album=AlbumFactory(name=str(n), artist=ArtistFactory(name=str(n)))) for n in range(3)
    ]
    zone = ZoneInfo("Europe/Moscow")
    for day in range(1, 20):
        heard(boris, tracks[day % 3], datetime(2026, 11, day, 12, tzinfo=zone))
    heard(boris, tracks[0], datetime(2026, 11, 19, 14, tzinfo=zone), seconds=4)
    JobFactory(owner=boris, kind="history_import", state=Job.State.RUNNING, done=12_000, total=90_001, unit="rows")
    done = HistoryImport.objects.create(
        user=boris, name="3.zip", state="done", rows=21, new=20, set_aside=1, reasons={"zero_ms": 1}
    )
    ImportFile.objects.create(
        history_import=done, position=0, name="3.json", format="extended", rows=21, new=20, set_aside=1
    )
    return boris


PAGES = [
    ("home", [], "Ваши последние четыре недели"),
    ("ingest:log", [], "Журнал прослушиваний"),
    ("insights:top", ["tracks"], "Топ треков"),
    ("insights:top", ["artists"], "Топ исполнителей"),
    ("ingest:library", [], "Медиатека"),
    ("ingest:import-list", [], "Принесите свою историю"),
    ("accounts:connections", [], "Подключения"),
    ("accounts:calls", [], "Вызовы Spotify"),
    ("accounts:app-add", [], "Собственный client id"),
    ("accounts:settings", [], "Настройки"),
    ("accounts:leave", [], "Удалить всё?"),
    ("accounts:job-list", [], "12 000 из 90 001 строки"),
    ("account_logout", [], "Выйти?"),
    ("about", [], "Лицензии"),
    ("welcome", [], "Откуда возьмём вашу музыку?"),
]
OF_OTHERS = {"open", "font", "license"}  # licences by name


def leftovers(html: str, english: set[str]) -> set[str]:
    said = re.findall(r"[A-Za-z]{3,}", " ".join(words_of(html)).lower())
    return {word for word in said if word in english} - OF_OTHERS


@pytest.mark.parametrize(("name", "args", "said"), PAGES)
def test_pages_speak_russian(boris, english, time_machine, now, name, args, said):
    time_machine.move_to(now, tick=False)
    client = Client()
    client.force_login(boris)
    response = client.get(reverse(name, args=args))
    html = response.content.decode()
    assert response.status_code == 200
    assert '<html lang="ru" dir="ltr"' in html
    assert said in html.replace("\xa0", " ")
    found = leftovers(re.sub(r"<select.*?</select>", "", html, flags=re.DOTALL), english)
    assert not found


def test_accounts_of_imports_speak_russian(boris, english):
    client = Client()
    client.force_login(boris)
    html = client.get(reverse("ingest:import", args=[boris.imports.get().pk])).content.decode()
    assert "20 новых прослушиваний в вашем журнале" in html
    assert "Ничего не прозвучало (0 мс)" in html
    assert not leftovers(html.replace("3.json", "").replace("3.zip", ""), english)


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/about/"])
def test_visitors_are_spoken_to_as_their_browser_asks(db, english, path):
    html = Client(headers={"accept-language": "ru-RU,ru;q=0.9,en;q=0.5"}).get(path).content.decode()
    assert '<html lang="ru"' in html
    assert not leftovers(html, english)
    assert '<html lang="en"' in Client(headers={"accept-language": "fi"}).get(path).content.decode()


@pytest.mark.parametrize(("path", "said"), [("/nothing/", "По этому адресу ничего нет."), ("/jobs/7/", "Войти")])
def test_errors_speak_russian(db, english, path, said):
    html = Client(headers={"accept-language": "ru"}).get(path, follow=True).content.decode()
    assert said in html
    assert not leftovers(html, english)


def test_forms_complain_in_russian(db, english):
    client = Client(headers={"accept-language": "ru"})
    html = client.post("/accounts/login/", {"login": "нет", "password": "нет"}).content.decode()
    assert not leftovers(html, english)
    html = client.post("/accounts/signup/", {"username": "", "password1": "1", "password2": "2"}).content.decode()
    assert "Обязательное поле" in html
    assert not leftovers(html, english)


def test_the_language_of_the_settings_wins(anna):
    signed_in = Client()
    signed_in.force_login(anna)
    signed_in.post(
        reverse("accounts:settings"),
        {"time_zone": "UTC", "language": "ru", "theme": "follow", "week_starts_on": "1"},
    )
    answer = signed_in.get("/", headers={"accept-language": "en"})
    assert '<html lang="ru"' in answer.content.decode()
    assert answer["Content-Language"] == "ru"


# --- Without a page --------------------------------------------------------------------------------------------------
def test_a_browser_s_language_is_remembered_for_what_is_written_later(anna):
    client = Client(headers={"accept-language": "ru"})
    client.force_login(anna)
    client.get(reverse("accounts:settings"))
    anna.refresh_from_db()
    assert (anna.language, anna.spoken, anna.reads) == ("", "ru", "ru")
    anna.language = "en"
    assert anna.reads == "en"


def test_signing_up_remembers_the_language(db, django_user_model):
    Client(headers={"accept-language": "ru"}).post(
        "/accounts/signup/", {"username": "vera", "password1": "a-long-pass-phrase", "password2": "a-long-pass-phrase"}
    )
    assert django_user_model.objects.get(username="vera").reads == "ru"


def test_jobs_speak_their_owner_s_language(db, monkeypatch):
    def stopped(run: jobs.Run) -> None:
        raise jobs.Cancelled

    monkeypatch.setattr(jobs, "_handlers", dict(jobs._handlers))
    jobs.handler("rehearsal")(stopped)
    job = JobFactory(owner=UserFactory(spoken="ru"))
    job_run.run(job_id=job.pk, heartbeat=False)
    job.refresh_from_db()
    assert job.message == "Остановлено по вашей просьбе."
    assert translation.get_language() == "en"


def test_notices_speak_their_reader_s_language(db, now):
    row = notices.tell(
        user=UserFactory(spoken="ru"),
        kind="x",
        text=lambda: translation.gettext("You are out, and your data goes."),
        now=now,
    )
    assert row.text == "Вы вышли, ваши данные удаляются."


def test_reminders_are_mailed_in_russian(db, english, now):
    person = UserFactory(username="борис", language="ru", email="b@example.org")
    SpotifyConnectionFactory(user=person, display_name="2", authorized_at=now - timedelta(days=178))
    assert care.remind(now) == 1
    letter = mail.outbox[0]
    assert re.match(r"Подключение к Spotify истекает через \d+ д", letter.subject)
    assert letter.body.startswith("Здравствуйте, борис!")
    body = re.sub(r"http\S+", "", letter.body)
    assert not leftovers(body, english)
    assert re.search(r"до \d+ [а-я]+ \d{4}", body)


def test_a_forgotten_password_is_mailed_in_russian(db, english):
    UserFactory(username="борис", email="b@example.org")
    Client(headers={"accept-language": "ru"}).post("/accounts/password/reset/", {"email": "b@example.org"})
    letter = mail.outbox[0]
    assert re.search("[а-я]", letter.subject)
    body = re.sub(r"http\S+|\S+@\S+", "", letter.body)
    assert not leftovers(body, english)


# --- Figures ---------------------------------------------------------------------------------------------------------
def test_numbers_and_moments_in_russian(now):
    with translation.override("ru"):
        assert count(12_345).replace("\xa0", " ") == "12 345"
        assert span(3 * 3_600_000 + 5 * 60_000) == "3 ч 5 мин"
        assert formats.date_format(now, "DATE_FORMAT") == "20 ноября 2026"
        assert brief(now) == "20 ноября, 12:00"
        assert ">20 ноя, 12:00<" in moment(now, "short")
        assert formats.date_format(now, "YEAR_MONTH_FORMAT") == "Ноябрь 2026"
        told = job_figures(Job(done=2, total=21, unit="tracks"))
        assert told.startswith("2 из 21 трека")
        gone = depart.Gone([("plays", 12_345), ("imports", 1), ("exports", 2)])
        assert str(gone).replace("\xa0", " ") == "12 345 прослушиваний, 1 импорт, 2 выгрузки"


def test_states_are_said_in_russian():
    with translation.override("ru"):
        for value, words in [*SpotifyConnection.State.choices, *Job.State.choices, *HistoryImport.State.choices]:
            assert re.search("[а-я]", str(words)), value


def test_templates_compile_in_russian():
    with translation.override("ru"):
        for path in (ROOT / "templates").rglob("*.html"):
            get_template(str(path.relative_to(ROOT / "templates")))
