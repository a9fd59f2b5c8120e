"""Numbers, spans and moments in words, in the language and zone of the person."""

import re
from datetime import date, datetime
from typing import Literal

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

register = template.Library()


@register.filter
def count(value: float | None) -> str:
    """12345 as “12,345”; nothing known as a dash."""
    if value is None:
        return "–"
    return formats.number_format(round(value), use_l10n=True, force_grouping=True)


@register.filter
def percent(share: float | None) -> str:
    """0.125 as “13%”; a share that is there but rounds to nothing as “<1%”."""
    if share is None:
        return "–"
    if 0 < share < 0.005:
        return pgettext("share", "<1%")
    return pgettext("share", "%(number)s%%") % {"number": round(share * 100)}


@register.filter
def clock(ms: int | None) -> str:
    """Milliseconds as a track's length: 3:42, 1:02:05."""
    if ms is None:
        return "–"
    minutes, seconds = divmod(round(ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def span(ms: float | None) -> str:
    """Milliseconds as listened time: “41 s”, “12 min”, “3 h 5 min”, “212 h”."""
    if ms is None:
        return "–"
    seconds = round(ms / 1000)
    if seconds < 60:
        return gettext("%(seconds)d s") % {"seconds": seconds}
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return gettext("%(minutes)d min") % {"minutes": minutes}
    if hours >= 100 or not minutes:
        return gettext("%(hours)s h") % {"hours": count(hours + (minutes >= 30))}
    return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


@register.filter
def glued(text: str) -> str:
    """Each number on one line with its unit: a narrow place breaks “3 h 5 min” only after the h."""
    return re.sub(r"(?<=\d) (?=\D)", "\u00a0", text)


@register.filter
def set_large(text: str) -> SafeString:
    """A span for a large figure: each number with its unit small beside it, on one line."""
    parts = re.findall(r"(\d(?:[\d.,\s]*\d)?)\s(\D+?)(?=\s\d|$)", text)
    if not parts:
        return format_html("{}", text)
    return format_html_join(" ", '<span class="nowrap">{}<span class="figure-unit">\u00a0{}</span></span>', parts)


@register.filter
def file_size(size: int) -> str:
    from django.template.defaultfilters import filesizeformat

    return filesizeformat(size)


@register.filter
def brief(at: datetime) -> str:
    """A moment near now, in the person's zone: “21 November, 08:15”."""
    return formats.date_format(timezone.localtime(at), pgettext("date format", "j F, H:i"))


@register.simple_tag
def moment(
    at: datetime | date | None, style: Literal["full", "day", "time", "ago", "short"] = "full"
) -> SafeString | str:
    """A moment in the person's zone, as <time>: full “21 Nov 2026, 08:15”, day, time “08:15”, short, or ago."""
    if at is None:
        return "–"
    if not isinstance(at, datetime):
        return format_html('<time datetime="{}">{}</time>', at.isoformat(), formats.date_format(at, "DATE_FORMAT"))
    local = timezone.localtime(at)
    full = f"{formats.date_format(local, 'DATE_FORMAT')}, {local:%H:%M}"
    words = {
        "full": lambda: full,
        "day": lambda: formats.date_format(local, "DATE_FORMAT"),
        "short": lambda: formats.date_format(local, pgettext("date format", "j M, H:i")),
        "time": lambda: f"{local:%H:%M}",
        "ago": lambda: naturaltime(at),
    }[style]()
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), full, words)
