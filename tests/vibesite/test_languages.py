"""Russian: a whole catalogue, compiled, and pages that speak it. Needs no gettext tools: sources are read in Python."""

import ast
import gettext
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation.template import templatize

from accounts import job_run, jobs, notices
from accounts.actions import care, depart
from accounts.models import Job, SpotifyConnection
from ingest.models import HistoryImport, ImportFile
from tests.factories.accounts import JobFactory, SpotifyAppFactory, SpotifyConnectionFactory, UserFactory
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard
from vibesite.templatetags.jobs import job_figures
from vibesite.templatetags.numbers import brief, count, moment, span

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "vibesite/locale/ru/LC_MESSAGES/django.po"
APPS = ("accounts", "ingest", "insights", "playlists", "vibesite")
CALLS = {  # name: places of context, singular and plural among the arguments
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%[sd]")
HREF = re.compile(r'href="[^"]*"')

Key = tuple[str, str, str]  # context, singular, plural


# --- The catalogue ---------------------------------------------------------------------------------------------------
class Entry:
    """One message of a .po file."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}
        self.flags: set[str] = set()

    @property
    def key(self) -> Key:
        return self.parts.get("msgctxt", ""), self.parts.get("msgid", ""), self.parts.get("msgid_plural", "")

    @property
    def translations(self) -> list[str]:
        return [text for name, text in sorted(self.parts.items()) if name.startswith("msgstr")]


def parse_po(text: str) -> list[Entry]:
    entries, name = [Entry()], ""
    for line in text.splitlines():
        if not line:
            entries.append(Entry())
        elif line.startswith("#,"):
            entries[-1].flags |= {flag.strip() for flag in line[2:].split(",")}
        elif not line.startswith("#"):
            if not line.startswith('"'):
                name, line = line.split(" ", 1)
                entries[-1].parts[name] = ""
            entries[-1].parts[name] += ast.literal_eval(line)
    return [entry for entry in entries if entry.parts]


def calls_in(source: str) -> Iterator[Key]:
    """What is marked for translation in Python source."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in CALLS:
            continue
        words = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
        found = ["" if place is None else words[place] for place in CALLS[name] if place is None or place < len(words)]
        if len(found) == 3 and all(isinstance(word, str) for word in found):
            yield found[0], found[1], found[2]


def calls_in_template(source: str) -> Iterator[Key]:
    """The same of a template. Django writes its messages out as calls, among filling of no meaning."""
    string = r"""(?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")"""
    call = rf"\b(?:gettext|ngettext|pgettext|npgettext|_)\(\s*{string}(?:\s*,\s*(?:{string}|count))*\s*\)"
    for found in re.findall(call, templatize(source), re.DOTALL):
        yield from calls_in(found.strip().replace("\n", "\\n"))


def sources() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts and "sandbox" not in path.relative_to(ROOT).parts[:2]:
                yield path
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt"))


@pytest.fixture(scope="module")
def catalogue() -> dict[Key, Entry]:
    return {entry.key: entry for entry in parse_po(CATALOGUE.read_text("utf-8")) if entry.parts["msgid"]}


def test_every_message_is_in_the_catalogue_and_no_other(catalogue):
    marked: set[Key] = set()
    for path in sources():
        read = calls_in if path.suffix == ".py" else calls_in_template
        marked |= set(read(path.read_text("utf-8")))
    # One msgid may be used with and without a plural: gettext keeps one message for both.
    plural = {(context, one) for context, one, many in marked if many}
    marked = {key for key in marked if key[2] or key[:2] not in plural}
    assert sorted(marked - set(catalogue)) == [], "run makemessages -l ru, translate, and compilemessages"
    assert sorted(set(catalogue) - marked) == [], "no longer in the sources"


def test_everything_is_translated(catalogue):
    for entry in catalogue.values():
        assert entry.flags.isdisjoint({"fuzzy"}), entry.key
        assert len(entry.translations) == (3 if entry.key[2] else 1), entry.key
        assert all(entry.translations), entry.key


def test_placeholders_and_links_are_kept(catalogue):
    for (context, one, many), entry in catalogue.items():
        for text in entry.translations:
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(many or one)), (context, one)
            assert HREF.findall(text) == HREF.findall(one), one
            assert [end.isspace() for end in (text[0], text[-1])] == [end.isspace() for end in (one[0], one[-1])], one


def test_what_is_compiled_is_what_is_written(catalogue):
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    told = {}
    for (context, one, many), entry in catalogue.items():
        name = f"{context}\x04{one}" if context else one
        told |= {(name, n) if many else name: text for n, text in enumerate(entry.translations)}
    assert {key: text for key, text in compiled._catalog.items() if key} == told, "run compilemessages"


def test_russian_has_three_plurals():
    with translation.override("ru"):
        said = [translation.ngettext("play", "plays", n) for n in (1, 2, 5, 11, 21, 22, 112, 1_000)]
    assert said == [
        "прослушивание",
        "прослушивания",
        "прослушиваний",
        "прослушиваний",
        "прослушивание",
        "прослушивания",
        "прослушиваний",
        "прослушиваний",
    ]


def test_no_template_has_words_outside_the_catalogue():
    """Text between tags that nobody marked. The gallery is for those who build, and stays English."""
    known = {"Vibesite", "Spotify", "hx", "headers", "csrftoken"}
    for path in (ROOT / "templates").rglob("*.html"):
        if path.name in ("gallery.html", "about.html"):  # about: names of licences
            continue
        text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        text = re.sub(r"\{% block accent %\}\w+|\{% blocktranslate.*?endblocktranslate %\}", "", text, flags=re.DOTALL)
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
        said = set(re.findall(r"[A-Za-z]{2,}", " ".join(words_of(text)))) - known
        assert not said, path.name


# --- Pages -----------------------------------------------------------------------------------------------------------
class _Visible(HTMLParser):
    """What a person sees or hears of a page."""

    SAID = ("aria-label", "title", "alt", "placeholder", "data-label", "data-sending", "data-broken", "data-too-large")

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style", "code", "pre", "bdi")
        self.words += [value for name, value in attrs if name in self.SAID and value and tag != "time"]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "code", "pre", "bdi")

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.words.append(data.strip())


def words_of(html: str) -> list[str]:
    parser = _Visible()
    parser.feed(html)
    return parser.words


@pytest.fixture(scope="module")
def english(catalogue) -> set[str]:
    """Words of the English messages that no Russian translation uses."""
    words: set[str] = set()
    russian: set[str] = set()
    for (_context, one, many), entry in catalogue.items():
        words |= set(re.findall(r"[A-Za-z]{3,}", PLACEHOLDER.sub("", f"{one} {many}").lower()))
        russian |= set(re.findall(r"[A-Za-z]{3,}", PLACEHOLDER.sub("", " ".join(entry.translations)).lower()))
    return words - russian


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

    monkeypatch.setitem(jobs._handlers, "rehearsal", jobs.Handler("rehearsal", stopped, "live", 5))
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
        assert str(depart.Gone([("прослушивания", 12_345)])).replace("\xa0", " ") == "прослушивания: 12 345"


def test_states_are_said_in_russian():
    with translation.override("ru"):
        for value, words in [*SpotifyConnection.State.choices, *Job.State.choices, *HistoryImport.State.choices]:
            assert re.search("[а-я]", str(words)), value


def test_templates_compile_in_russian():
    with translation.override("ru"):
        for path in (ROOT / "templates").rglob("*.html"):
            get_template(str(path.relative_to(ROOT / "templates")))
