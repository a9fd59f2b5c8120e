"""Covers, tracks and figures, each with its way back to Spotify where Spotify told it."""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vibesite.templatetags.ui import icon

register = template.Library()


@register.simple_tag
def cover(album: Any, size: int = 48, *, lazy: bool = True) -> SafeString:
    """An album's cover, never cropped; a drawn sleeve where there is none. `size` in px.

    Made without a template, as `spotify_link` and `icon` are: a page has fifty of each.
    """
    if album is None or not album.image_url:
        return _sleeve(size)
    return format_html(
        '<img class="cover" src="{}" alt="" width="{}" height="{}"{} decoding="async">',
        reverse("ingest:cover", args=[album.pk]),
        str(size),
        str(size),
        SafeString(' loading="lazy"' if lazy else ""),
    )


@cache
def _sleeve(size: int) -> SafeString:
    return format_html(
        '<span class="cover cover-none cover-{0}"><svg width="{0}" height="{0}" viewBox="0 0 48 48" aria-hidden="true">'
        '<rect width="48" height="48" rx="4" class="cover-ground"/><circle cx="24" cy="24" r="13" class="cover-line"/>'
        '<circle cx="24" cy="24" r="4.5" class="cover-line"/></svg></span>',
        str(size),
    )


@register.inclusion_tag("components/track_row.html")
def track_row(
    track: Any, *, at: Any = None, ms: int | None = None, faded: bool = False, note: str = ""
) -> dict[str, Any]:
    """One track on one line: cover, title, artists, and when (`at`) or how long (`ms`) it was heard.

    Reads `track.album` and `track.artist`; select them. Titles are isolated, so that right-to-left names stand right.
    """
    return {"track": track, "at": at, "ms": ms, "faded": faded, "note": note, "album": track.album}


@register.simple_tag
def spotify_link(address: str | None, name: str = "") -> SafeString:
    """The way to Spotify for one thing, by its logo; nothing where there is no address."""
    if not address:
        return SafeString("")
    return format_html(
        '<a class="spotify-link" href="{}" rel="noreferrer" title="{}"><span class="visually-hidden">{}</span>{}</a>',
        address,
        _("Open in Spotify"),
        _("%(name)s in Spotify") % {"name": name},
        icon("spotify"),
    )


@register.inclusion_tag("components/spotify_attribution.html")
def spotify_attribution() -> dict[str, Any]:
    return {}


@register.inclusion_tag("components/figure.html")
def figure(value: str, label: str, *, sentence: str = "", href: str = "", unit: str = "") -> dict[str, str]:
    """A numeral with what it counts, and the sentence it belongs to; `href` leads to the plays behind it."""
    return {"value": value, "label": label, "sentence": sentence, "href": href, "unit": unit}


@register.inclusion_tag("components/range_picker.html", takes_context=True)
def range_picker(context: Context, period: Any) -> dict[str, Any]:
    """The stretch of time of a page, kept in its address: links for the named ones, a form for any other.

    `period` is an `ingest.period.Period`; other parameters of the address are kept, pages are not.
    """
    kept = context["request"].GET.copy()
    for key in ("range", "from", "to", "page", "before", "older", "newer"):
        kept.pop(key, None)
    return {"period": period, "kept": kept, "tail": f"&{kept.urlencode()}" if kept else ""}


@register.simple_tag
def marks(told: Iterable[Any]) -> SafeString:
    """What is known of a track, one sign for each kind of knowledge (`ingest.collection.page.Mark`).

    In Python, because a page has hundreds of them, of a few sorts.
    """
    parts = {mark: _mark(mark.state, mark.label, mark.words, mark.sign) for mark in told}
    return format_html('<ul class="marks" role="list">{}</ul>', SafeString("".join(parts.values())))


@lru_cache(maxsize=256)
def _mark(state: str, label: str, words: str, sign: str) -> SafeString:
    said = '<span class="visually-hidden">: {}</span>'
    return format_html(
        '<li class="mark-{}" title="{}: {}"><span aria-hidden="true">{}</span>{}' + said + "</li>",
        state, label, words, sign, label, words,
    )  # fmt: skip
