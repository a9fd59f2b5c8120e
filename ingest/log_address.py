"""The filters of the log in an address, both ways, and in words.

/log/?q=words&show=skips&range=6m&artist=7&weekday=67&hour=22&until=2&origin=export&platform=12&context=8&rule=lastfm
&released=1990-1999
"""

import re
from dataclasses import dataclass, field
from datetime import date

from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.fields import from_ms
from accounts.models import User
from ingest import contexts, counts
from ingest.heard import What
from ingest.lens import Reading
from ingest.log_filters import SHOW, Filters
from ingest.models import Album, Artist, Counting, Play, Tag, Track, Word
from ingest.period import BadPeriod, Period, parse

MOST_TEXT = 200
THINGS: dict[str, tuple[What, type[Track] | type[Artist] | type[Album] | type[Tag]]] = {
    "track": ("tracks", Track),
    "artist": ("artists", Artist),
    "album": ("albums", Album),
    "genre": ("genres", Tag),
}
ORIGINS = {origin.name.lower(): origin for origin in Play.Origin}
_YEARS = re.compile(r"([0-9]{1,4})-([0-9]{1,4})")
_SPAN = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of the log: filters, the words that ask for them again, and what was wrong."""

    filters: Filters
    words: dict[str, str]
    problems: list[str] = field(default_factory=list)

    def without(self, *keys: str) -> str:
        """The address of the same without some words, from the newest play on."""
        return f"?{urlencode({key: value for key, value in self.words.items() if key not in keys})}"

    def given(self, **words: str) -> str:
        """The address of the same with other words."""
        return f"?{urlencode(self.words | words)}"


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in words, and the address without it."""

    kind: str
    words: str
    href: str


def asked(get: QueryDict, user: User, *, today: date | None = None) -> Asked:
    """What is no filter is passed over; a period that names nothing is said as a problem."""
    found = Asked(Filters(), {})
    words, told = found.words, {name: get.get(name, "") for name in get}
    text = told.get("q", "").replace("\x00", "")[:MOST_TEXT]
    if text.strip():
        words["q"] = text
    show = told.get("show", "")
    if show in SHOW and show != "all":
        words["show"] = show
    period = _period(told, user, today or timezone.localdate(), found)
    things = []
    for name, (what, _model) in THINGS.items():
        if (key := _number(told.get(name))) is not None:
            things.append((what, key))
            words[name] = str(key)
    origin = ORIGINS.get(told.get("origin", ""))
    if origin is not None:
        words["origin"] = told["origin"]
    platform, context = (_number(told.get(name)) for name in ("platform", "context"))
    words |= {name: str(key) for name, key in (("platform", platform), ("context", context)) if key is not None}
    rule = told.get("rule", "") if told.get("rule", "") in counts.RULES else ""
    words |= {"rule": rule} if rule else {}
    filters = Filters(
        text=text if text.strip() else "",
        show=words.get("show", "all"),
        period=period,
        things=tuple(things),
        origin=None if origin is None else int(origin),
        platform=platform,
        context=context,
        hours=_hours(told, words),
        weekdays=_weekdays(told, words),
        span=_span(told, words),
        released=_released(told, words),
        rule=rule,
    )
    return Asked(filters, words, found.problems)


def chips(found: Asked, reading: Reading) -> list[Chip]:
    """The filters in words, each with its way out. Only what the person heard themselves is named."""
    filters, user = found.filters, reading.user
    rows: list[tuple[str, str, tuple[str, ...]]] = []
    if filters.text:
        rows.append((_("Words"), f"“{filters.text}”", ("q",)))
    if filters.show != "all":
        rows.append((_("Show"), show_words()[filters.show], ("show",)))
    if filters.period is not None and (words := period_words(filters.period)):
        rows.append((_("Time"), words, ("range", "from", "to")))
    if filters.span is not None:
        ends = (formats.date_format(timezone.localtime(from_ms(ms)), "SHORT_DATETIME_FORMAT") for ms in filters.span)
        rows.append((_("Session"), " – ".join(ends), ("span",)))
    for name, (what, model) in THINGS.items():
        key = dict(filters.things).get(what)
        if key is not None:
            is_theirs = bool(reading.facts.places_of(what, key).any())
            row = model._default_manager.filter(pk=key).first() if is_theirs else None
            rows.append((_kinds()[name], row.name if row else _("Nothing you heard"), (name,)))
    if filters.origin is not None:
        rows.append((_("Known from"), str(Play.Origin(filters.origin).label), ("origin",)))
    if filters.platform is not None:
        rows.append((_("Device"), _word(reading, "platform", filters.platform), ("platform",)))
    if filters.context is not None:
        named = contexts.named(user, [filters.context]) if _is_theirs(reading, "context", filters.context) else {}
        words = named[filters.context].name if filters.context in named else _("Not told")
        rows.append((_("Played from"), words, ("context",)))
    if filters.weekdays:
        rows.append((_("Weekday"), ", ".join(str(WEEKDAYS[day - 1]) for day in sorted(filters.weekdays)), ("weekday",)))
    if filters.hours is not None:
        rows.append((_("Hour"), hour_words(*filters.hours), ("hour", "until")))
    if filters.released is not None:
        first, last = filters.released
        rows.append((_("Album of"), _("No known year") if not last else f"{first}–{last}", ("released",)))
    if filters.rule:
        rows.append((_("Rule"), str(Counting.Rule(filters.rule).label), ("rule",)))
    return [Chip(kind, words, found.without(*keys)) for kind, words, keys in rows]


def show_words() -> dict[str, str]:
    """What each of `SHOW` is called."""
    return {
        "all": _("Everything"),
        "plays": _("What counts"),
        "started": _("All music that was started"),
        "skips": _("Skips"),
        "rest": _("Private, spoken and the rest"),
        "hidden": _("Hidden"),
    }


def hour_words(first: int, until: int) -> str:
    return f"{first:02}:00–{until % 24:02}:00"


def period_words(period: Period) -> str:
    """Its first and last day; empty for all time."""
    ends = (formats.date_format(day, "DATE_FORMAT") if day else "…" for day in (period.first, period.last))
    return " – ".join(dict.fromkeys(ends)) if period.first or period.last else ""


def _kinds() -> dict[str, str]:
    return {"track": _("Track"), "artist": _("Artist"), "album": _("Album"), "genre": _("Genre")}


def _is_theirs(reading: Reading, column: str, word: int) -> bool:
    return word > 0 and bool((reading.plays[column] == word).any())


def _word(reading: Reading, column: str, word: int) -> str:
    found = Word.objects.filter(pk=word).first() if _is_theirs(reading, column, word) else None
    return found.text if found else _("Not told")


def _period(told: dict[str, str], user: User, today: date, found: Asked) -> Period | None:
    """By `range`, or by `from` and `to` alone."""
    ends = {"first": told.get("from", ""), "last": told.get("to", "")}
    name = told.get("range", "") or ("custom" if any(ends.values()) else "")
    if not name or name == "all":
        return None
    try:
        period = parse(name, **ends, today=today, zone=user.zone, week_starts_on=user.week_starts_on)
    except BadPeriod as exc:
        found.problems.append(str(exc))
        return None
    found.words["range"] = name
    if name == "custom":
        found.words.update({key: told[key] for key in ("from", "to") if told.get(key)})
    return period


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 9 else None


def _hours(told: dict[str, str], words: dict[str, str]) -> tuple[int, int] | None:
    """`hour` alone is that one hour; with `until` it goes on until before that hour, over midnight too.

    `until` alone is from midnight on.
    """
    first, until = _number(told.get("hour")), _number(told.get("until"))
    first = 0 if first is None and until else first
    if first is None or first > 23:
        return None
    until = first + 1 if until is None or until > 24 else until
    words |= {"hour": str(first), "until": str(until)}
    return first, until


def _weekdays(told: dict[str, str], words: dict[str, str]) -> frozenset[int]:
    """Digits, 1 is Monday: 67 is the weekend."""
    days = frozenset(int(digit) for digit in told.get("weekday", "") if digit in "1234567")
    if not days or len(days) == 7:
        return frozenset()
    words["weekday"] = "".join(str(day) for day in sorted(days))
    return days


def _span(told: dict[str, str], words: dict[str, str]) -> tuple[int, int] | None:
    match = _SPAN.fullmatch(told.get("span", ""))
    if not match:
        return None
    words["span"] = match[0]
    return int(match[1]), int(match[2])


def _released(told: dict[str, str], words: dict[str, str]) -> tuple[int, int] | None:
    """Years in which albums came out: 1990-1999; 0-0 for those without a year."""
    match = _YEARS.fullmatch(told.get("released", ""))
    if not match:
        return None
    words["released"] = match[0]
    return int(match[1]), int(match[2])
