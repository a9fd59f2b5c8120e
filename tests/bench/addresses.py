"""Every address that answers GET, with what it can be asked for, in a world of `tests/bench/world.py`.

Taken from the table of who may open what, so a new page is measured without being named here. Only choices that cost
something else (`VARIANTS`) and pages about something heard (`HEARD`) are told.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from accounts.models import User
from ingest import lens
from ingest.models import Play
from tests.architecture import rows, urls

# Not a page that a signed-in person of this world meets: forms of the sign-in library, and what another service opens.
LEFT_OUT = (
    "accounts/",
    "1/",
    "2.0",
    "metrics",
    "health/",
    "mail/",
    "invitation",
    "gallery/",
    "covers/",
    "site.",
    "welcome",
    "genres/",  # the world has no genres yet
    "api/spotify/",  # the world's persons are not connected
    "api/pipeline/",
    "api/data/classifications/<",  # about a label that the world has not
    "log/export.",  # a download of a million rows, sent as it is made
    "tracks/known/<",  # a download of all that a provider does not know
)
RANGES = ("range=all", "range=1y", "range=year&rule=lastfm")
VARIANTS: dict[str, tuple[str, ...]] = {
    "log/": (
        *("q=a+night", "q=the", "q=zzzz+qqqq", "show=plays", "show=skips", "show=rest", "show=hidden"),
        *("day=2019-06-01", "range=2021", "q=love&show=skips&range=2020", "artist={artist}", "older={deep}"),
    ),
    "top/<str:what>/": ("range=all&by=time", "range=all&by=days", "range=1y&by=days", "range=all&page=20"),
    "time/": ("range=all&by=time&grid=24", "range=2022", "range=today"),
    "compare/": ("range=1y&what=tracks", "range=year&vs=year",
                 "range=2022&vs=custom&vs_from=2019-01-01&vs_to=2020-01-31"),
    "sessions/": ("range=all&page=40",),
    "api/v1/plays": ("q=a+night", "show=skips", "range=2021", "older={deep}"),
    "api/v1/stats/over-time": ("unit=day", "unit=hour&range=4w", "unit=year"),
    "api/v1/stats/heatmap": ("blocks=24",),
    "api/v1/stats/compare": ("range=1y",),
    "api/v1/stats/top/<what>": ("by=time", "by=days", "start=1000"),
}  # fmt: skip
NO_RANGE = (
    "settings",
    "jobs",
    "imports",
    "export",
    "connections",
    "recordings",
    "library",
    "about",
    "api/",
    "log/hidden",
    "log/add",
    "log/plays",
    "rules",
    "playlists/<",
    "playlists/new",
    "playlists/runs",
    "snapshots",
    "wellness",
    "milestones",
    "on-this-day",
)
NEEDS_WORDS = ("api/v1/stats/compare",)  # of all time, nothing lies before
WHATS = ("tracks", "artists", "albums", "contexts")


class Forgotten(Exception):
    """A page that this module does not know how to open."""


def of(name: str, kept: Path | None) -> dict[str, str]:
    """Route by address for one person; the rows that pages are about are made once and remembered in `kept`.

    Without `kept`, pages about something that has to be made are left out.
    """
    user = User.objects.get(username=name)
    about = _about(user)
    remembered: dict[str, list[Any]] = json.loads(kept.read_text()) if kept and kept.exists() else {}
    found: dict[str, str] = {}
    for route, page in urls.PAGES.items():
        if page.post or page.who is urls.OPERATOR or route.startswith(LEFT_OUT) or page.answers & {404, 410}:
            continue
        if kept is None and "<" in route and not _is_heard(route, page):
            continue
        for path in _paths(route, page, user, about, remembered):
            if route not in NEEDS_WORDS:
                found[f"/{path}"] = route
            for query in _queries(route):
                found[f"/{path}?{query.format_map(about)}"] = route
    if kept:
        kept.write_text(json.dumps(remembered))
    return found


def _is_heard(route: str, page: urls.Page) -> bool:
    return "what>" in route or page.row in HEARD


def _queries(route: str) -> tuple[str, ...]:
    if not route or route.startswith(NO_RANGE):
        return VARIANTS.get(route, ())
    return (*(RANGES[:1] if "<int" in route else RANGES), *VARIANTS.get(route, ()))


def _paths(
    route: str, page: urls.Page, user: User, about: dict[str, Any], remembered: dict[str, list[Any]]
) -> list[str]:
    if "<" not in route:
        return [route]
    if "what>" in route:
        whats = WHATS if route.startswith("top/") else WHATS[:3]
        return [_filled(route, what) for what in whats]
    if told := HEARD.get(page.row):
        return [_filled(route, about[told])]
    if route not in remembered:
        before = Play.objects.of(user).count()
        remembered[route] = list(page.row(user))
        if Play.objects.of(user).count() != before:
            raise Forgotten(f"{route} is about something heard: say in tests/bench/addresses.py about what")
    return [_filled(route, *remembered[route])]


def _filled(route: str, *arguments: Any) -> str:
    parts = route.split("<")
    rest = (f"{value}{part.partition('>')[2]}" for value, part in zip(arguments, parts[1:], strict=True))
    return "".join([parts[0], *rest])


HEARD: dict[Callable[[User], tuple[Any, ...]], str] = {
    rows.heard_track: "track",
    rows.heard_artist: "artist",
    rows.heard_album: "album",
    rows.session: "session",
    rows.heard_play: "play",
}


def _about(user: User) -> dict[str, Any]:
    """What the person heard most, the start of a session (ms) and a place deep in the log."""
    heard = lens.read(user).heard()
    middle = len(heard) // 2
    begins = np.flatnonzero(heard.started[1:] - heard.ended[:-1] > 30 * 60_000) + 1
    most = {what: int(heard.totals(what)[0].argmax()) for what in WHATS[:3]}
    return {
        "track": most["tracks"],
        "artist": most["artists"],
        "album": most["albums"],
        "session": int(heard.started[begins[begins.size // 2]]),
        "play": int(heard.column("id")[middle]),
        "deep": f"{heard.started[middle]}-{heard.column('id')[middle]}",
    }
