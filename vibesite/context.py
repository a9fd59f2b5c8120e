"""What the shell around every page needs to know."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Job, User

CONNECTIONS = ("accounts:connection", "accounts:disconnect", "accounts:calls", "accounts:app")
# Address, its arguments, words, accent of the section, and the start of the view names that belong to it.
SECTIONS: list[tuple[str, list[str], str, str, tuple[str, ...]]] = [
    ("home", [], gettext_noop("Home"), "brick", ("home", "welcome")),
    ("insights:dashboard", [], gettext_noop("Listening"), "plum", ("insights:",)),
    ("ingest:log", [], gettext_noop("Log"), "petrol", ("ingest:log",)),
    ("ingest:library", [], gettext_noop("Library"), "ochre", ("ingest:library", "ingest:track", "ingest:recordings")),
    ("playlists:playlist-list", [], gettext_noop("Playlists"), "indigo", ("playlists:",)),
    ("ingest:import-list", [], gettext_noop("Imports"), "indigo", ("ingest:import",)),
    ("accounts:connections", [], gettext_noop("Connections"), "umber", CONNECTIONS),
]
ACCENTS = {"accounts:job": "petrol", "accounts:settings": "umber"}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the navigation."""

    url: str
    label: str
    current: bool
    icon: str = ""
    count: int = 0


def theme_of(request: HttpRequest) -> str:
    """The person's choice; a visitor's from the cookie; else the device's. Reads no database for visitors."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return user.theme
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in User.Theme.values else User.Theme.FOLLOW


def _view_name(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    return match.view_name if match and match.view_name else ""


def _items(request: HttpRequest) -> list[Item]:
    here = _view_name(request)
    return [
        Item(reverse(name, args=args), _(label), here.startswith(mine)) for name, args, label, _accent, mine in SECTIONS
    ]


def _menu(request: HttpRequest, running: int) -> list[Item]:
    here = _view_name(request)
    rows = [("accounts:job-list", _("Jobs"), "jobs", running), ("accounts:settings", _("Settings"), "settings", 0)]
    if request.user.is_staff:
        rows += [("gallery", _("Gallery"), "layers", 0), ("admin:index", _("Admin"), "admin", 0)]
    return [
        Item(reverse(name), label, here.startswith(name.removesuffix("-list")), icon, number)
        for name, label, icon, number in rows
    ]


def _open_jobs(user: User) -> Callable[[], int]:
    """Counts the person's open jobs when first asked, and remembers."""
    return cache(lambda: Job.objects.of(user).open().count())


def shell(request: HttpRequest) -> dict[str, Any]:
    """Theme, navigation, the section's accent and the number of running jobs (one indexed count, only when shown)."""
    user = getattr(request, "user", None)
    here = _view_name(request)
    context: dict[str, Any] = {"theme": theme_of(request), "sandbox": settings.SPOTIFY_SANDBOX}
    accents = {start: accent for *_rest, accent, mine in SECTIONS for start in mine} | ACCENTS
    context["accent"] = next((accent for start, accent in accents.items() if here.startswith(start)), "brick")
    if user is not None and user.is_authenticated:
        running = _open_jobs(user)
        context["running_jobs"] = SimpleLazyObject(running)
        context["nav"] = SimpleLazyObject(lambda: _items(request))
        context["menu"] = SimpleLazyObject(lambda: _menu(request, running()))
    return context
