"""Covers, tracks and figures, each with its way back to Spotify where Spotify told it."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.inclusion_tag("components/cover.html")
def cover(album: Any, size: int = 48, *, lazy: bool = True) -> dict[str, Any]:
    """An album's cover, never cropped; a drawn sleeve where there is none. `size` in px."""
    address = reverse("ingest:cover", args=[album.pk]) if album is not None and album.image_url else ""
    return {"address": address, "size": size, "lazy": lazy}


@register.inclusion_tag("components/track_row.html")
def track_row(
    track: Any, *, at: Any = None, ms: int | None = None, faded: bool = False, note: str = ""
) -> dict[str, Any]:
    """One track on one line: cover, title, artists, and when (`at`) or how long (`ms`) it was heard.

    Reads `track.album` and `track.artist`; select them. Titles are isolated, so that right-to-left names stand right.
    """
    return {"track": track, "at": at, "ms": ms, "faded": faded, "note": note, "album": track.album}


@register.inclusion_tag("components/spotify_link.html")
def spotify_link(address: str | None, name: str = "") -> dict[str, Any]:
    """The way to Spotify for one thing, by its logo; nothing where there is no address."""
    return {"address": address, "name": name}


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
    for key in ("range", "from", "to", "page", "older", "newer"):
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
