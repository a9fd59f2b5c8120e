"""Every chart in every state, on a page of the gallery: usual, single, silent, huge, with gaps, hard names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vibesite.charts.shapes import Spot

LAST = date(2026, 11, 21)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DIFFICULT = (
    "Teardrop",
    "أغنية الليل والنجوم",
    "A Title So Long That It Was Surely Made by Somebody Paid by the Word (2011)",
    "夜の電車",
    '<b>Станция & "Мечта"</b>',
)
DEVICES = {"Phone": 600, "Desktop": 320, "Speaker": 90, "Web": 40, "Car": 12, "أخرى": 4}
TRAITS = ("Energy", "Mood", "Danceability", "Acousticness", "Instrumental", "Live", "Speech")


@dataclass(frozen=True, slots=True)
class Group:
    """Points of a line, a heatmap's row, or a radar's outline: what the tags ask of each."""

    name: str
    points: Sequence[Spot] = ()
    values: Sequence[float | None] = ()

    @property
    def label(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Stretch:
    start: float
    end: float
    tone: int
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class SampleLane:
    label: str
    blocks: Sequence[Stretch]


@require_safe
def charts(request: HttpRequest) -> HttpResponse:
    """All charts; `?accent=` tries them in another colour of the palette."""
    if not settings.DEBUG and not request.user.is_staff:
        raise Http404
    context: dict[str, Any] = {
        "accent": request.GET.get("accent", "brick"),
        "accents": [
            (f"?accent={name}", name.title()) for name in ("brick", "ochre", "petrol", "plum", "indigo", "umber")
        ],
        "chosen": f"?accent={request.GET.get('accent', 'brick')}",
        **_uprights(),
        **_lines(),
        **_grids(),
        **_rounds(),
        **_strips(),
    }
    return render(request, "vibesite/gallery_charts.html", context)


def _wave(index: int, salt: int = 0) -> int:
    """Made-up plays: two slow waves and some unrest, the same on every visit."""
    slow = 40 + 26 * math.sin(index / 9 + salt) + 14 * math.sin(index / 31 + 2 * salt)
    return max(0, round(slow + (index * index * 31 + index * 17 + salt * 11) % 37 - 18))


def _spot(label: str, value: float | None, tick: str | None = None, on: date | None = None) -> Spot:
    text = "not known" if value is None else "1 play" if value == 1 else f"{value:,} plays"
    return Spot(label, value, text, f"?at={on or label}#charts" if value else "", tick, on)


def _days(count: int, *, salt: int = 0) -> list[Spot]:
    dates = [LAST - timedelta(days=count - 1 - index) for index in range(count)]
    return [
        _spot(f"{on:%-d %B %Y}", _wave(index, salt), f"{on:%b %Y}" if on.day == 1 else "", on)
        for index, on in enumerate(dates)
    ]


def _months(count: int, *, salt: int = 0) -> list[Spot]:
    found = []
    for back in range(count - 1, -1, -1):
        year, month = divmod(LAST.year * 12 + LAST.month - 1 - back, 12)
        on = date(year, month + 1, 1)
        found.append(_spot(f"{on:%b %Y}", 12 * _wave(count - back, salt), on=on))
    return found


def _uprights() -> dict[str, Any]:
    months = _months(24)
    gaps = [
        replace(point, value=None, text="not known", href="") if 5 < n < 11 else point for n, point in enumerate(months)
    ]
    huge = [_spot(point.label, (point.value or 0) * 60_000) for point in months[:12]]
    return {
        "months": months,
        "year": _days(365),
        "hours": [_spot(f"{hour:02}", _wave(hour * 3, 2)) for hour in range(24)],
        "one": months[-1:],
        "zero": [replace(point, value=0, text="0 plays", href="") for point in months],
        "huge": huge,
        "gaps": gaps,
        "small": [_spot(name, value) for name, value in zip(WEEKDAYS, (1, 0, 2, 1, 0, 1, 0), strict=True)],
        "hours_heard": [replace(point, value=(point.value or 0) / 700, text="some hours") for point in months[:8]],
        "difficult": [_spot(name, 480 - 97 * number) for number, name in enumerate(DIFFICULT)],
    }


def _lines() -> dict[str, Any]:
    months = [_months(36, salt=salt) for salt in range(4)]
    broken = [
        replace(point, value=None, text="not known", href="") if n % 13 in (4, 5, 6, 8) else point
        for n, point in enumerate(months[1])
    ]
    ranks = [
        Group(
            name,
            [_spot(f"{week}", 1 + (week * (number + 3) + number * number) % (9 + 7 * number)) for week in range(1, 21)],
        )
        for number, name in enumerate(DIFFICULT[:4])
    ]
    return {
        "one_line": [Group("", months[0])],
        "two_lines": [Group("Massive Attack", months[0]), Group("Portishead", broken)],
        "four_lines": [Group(name, points) for name, points in zip(DIFFICULT, months, strict=False)],
        "ranks": ranks,
        "line_of_one": [Group("Teardrop", months[0][-1:])],
    }


def _grids() -> dict[str, Any]:
    parts = ("0–4", "4–8", "8–12", "12–16", "16–20", "20–24")
    return {
        "parts": parts,
        "week_parts": [
            Group(day, [_spot(part, _wave(4 * row + column, 3) * (column != 1)) for column, part in enumerate(parts)])
            for row, day in enumerate(WEEKDAYS)
        ],
        "hour_names": [f"{hour:02}" for hour in range(24)],
        "week_hours": [
            Group(
                day,
                [
                    _spot(
                        f"{hour:02}",
                        None if row == 2 and hour < 6 else max(0, _wave(row * 3 + hour, 1) - 25) * (hour > 5),
                    )
                    for hour in range(24)
                ],
            )
            for row, day in enumerate(WEEKDAYS)
        ],
        "calendar": [replace(day, value=(day.value or 0) * (number % 9 != 4)) for number, day in enumerate(_days(430))],
        "first_days": _days(9),
    }


def _rounds() -> dict[str, Any]:
    clock = [_spot(f"{hour:02}:00", _wave(hour * 2, 5) * (hour > 6 or hour < 2)) for hour in range(24)]
    return {
        "clock": clock,
        "one_hour": [replace(point, value=12 * (hour == 22), href="") for hour, point in enumerate(clock)],
        "traits": TRAITS,
        "profile": [Group("You", values=(0.72, 0.31, 0.55, 0.2, 0.44, 0.12, 0.08))],
        "profiles": [
            Group("November", values=(0.72, 0.31, 0.55, 0.2, 0.44, 0.12, 0.08)),
            Group("All your years", values=(0.5, 0.62, 0.5, 0.41, None, 0.2, 0.15)),
        ],
    }


def _strips() -> dict[str, Any]:
    lanes = []
    for row, day in enumerate(WEEKDAYS):
        starts = [(0.28 + 0.004 * row + 0.0031 * n + 0.35 * (n > 14)) for n in range(34 - 5 * (row % 3))]
        blocks = [
            Stretch(
                start,
                start + 0.0025,
                n // 8 % 6,
                f"Teardrop, {int(start * 24):02}:{int(start * 1440) % 60:02}",
                "#lanes",
            )
            for n, start in enumerate(starts)
        ]
        lanes.append(SampleLane(day if row else "Saturday, 21 November", blocks if row != 3 else []))
    return {
        "lanes": lanes,
        "shares": [_spot(name, value) for name, value in DEVICES.items()],
        "spark": [_wave(index) for index in range(30)],
        "spark_gaps": [None if index in (7, 8, 9) else _wave(index, 1) for index in range(24)],
        "changes": (3, -2, 0, None, 1204),
    }
