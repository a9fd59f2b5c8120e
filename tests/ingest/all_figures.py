"""Everything that programs and the front page are told of a person's listening, to be compared with another's."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.cache import cache
from django.test import Client

from accounts.models import User
from ingest import counts

WHAT = ("tracks", "artists", "albums", "genres", "contexts")
ASKED = (
    "summary",
    *(f"top/{what}?by={by}&limit=200" for what in WHAT for by in ("plays", "time", "days")),
    *(f"over-time?unit={unit}" for unit in ("hour&range=2025-03", "day", "week", "month", "year")),
    *(
        "heatmap",
        "heatmap?blocks=24",
        "clock",
        "streaks",
        "skips?limit=200",
        "sessions?limit=200",
        "compare?range=2025",
    ),
    *("decades", "milestones", "sound", "discoveries?limit=200", "discoveries/again", "discoveries/obsessions"),
    *("discoveries/forgotten", "on-this-day"),
)
_OWN_TO_A_SERVER = {"id", "next", "spotify_id", "url", "image_url", "rank", "moved", "sources", "isrc", "duration_ms"}


def figures(user: User) -> dict[str, Any]:
    """What the API answers to everything it can be asked, without what is of a server and not of a life."""
    client = Client()
    client.force_login(user)
    answers = {}
    for path in ASKED:
        cache.clear()  # no limit of calls a minute
        for rule in ("", *(() if "top/" in path else counts.RULES)):
            words = f"{path}{'&' if '?' in path else '?'}rule={rule}"
            answer = client.get(f"/api/v1/stats/{words}")
            assert answer.status_code == 200, (words, answer.content)
            # Of those that gained the same it shows some, by their ids.
            answers[words] = _plain(answer.json(), _OWN_TO_A_SERVER | ({"name"} if "compare" in path else set()))
    return answers


def _plain(value: Any, without: set[str]) -> Any:
    """Without ids; what stands side by side in an order of its own, as things of equal rank do by their ids."""
    if isinstance(value, dict):
        return {key: _plain(each, without) for key, each in value.items() if key not in without}
    if isinstance(value, list):
        return sorted((_plain(each, without) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    return float(f"{value:.6g}") if isinstance(value, float) else value


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], f"{place} {key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{place} {number}")
    elif one != other:
        yield f"{place}: {one!r} is {other!r}"


def told_by_pages(user: User) -> list[str]:
    """The totals that stand on the front page, as words."""
    client = Client()
    client.force_login(user)
    html = client.get("/?range=all").content.decode()
    return [part.split("<")[0].strip() for part in html.split(">") if part.split("<")[0].strip()[:1].isdigit()]
