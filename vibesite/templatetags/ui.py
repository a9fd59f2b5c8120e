"""Components: each a typed tag and a template of the same name under `templates/components/`. /gallery/ shows them all.

Texts are passed translated: `{% button _("Save") kind="primary" %}`. Music, numbers and charts have their own files.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, Literal

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

# In the order of the layers; one link each, as browsers fetch them side by side.
STYLESHEETS = ("layers", "fonts", "tokens", "base", "layout")
COMPONENTS = (
    "shell", "menu", "button", "badge", "card", "table", "form", "toast", "progress", "tabs", "dialog", "states",
    "music", "listening", "chart", "chart-cells", "home", "recordings", "dashboard", "rule", "tracks",
)  # fmt: skip
Tone = Literal["", "accent", "good", "wait", "bad"]
TONES: dict[str, Tone] = {
    "queued": "wait", "waiting": "wait", "running": "accent", "done": "good", "failed": "bad", "cancelled": "",
    "active": "good", "expiring": "wait", "reconnect": "bad", "not_allowlisted": "bad", "app_blocked": "wait",
}  # fmt: skip
ICONS = {
    "queued": "wait", "waiting": "wait", "running": "loading", "done": "check", "failed": "bad", "cancelled": "ban",
    "active": "check", "expiring": "wait", "reconnect": "disconnect", "not_allowlisted": "users", "app_blocked": "wait",
}  # fmt: skip


@register.simple_tag
@cache
def stylesheets() -> SafeString:
    names = (*(f"css/{name}.css" for name in STYLESHEETS), *(f"css/components/{name}.css" for name in COMPONENTS))
    return format_html_join("\n  ", '<link rel="stylesheet" href="{}">', ((static(name),) for name in names))


@register.simple_tag
def icon(name: str, label: str = "", classes: str = "") -> SafeString:
    """A drawing of img/icons.svg. Silent beside words; `label` speaks for one that stands alone."""
    return _drawn(name, str(label), classes)


@lru_cache(maxsize=1_000)
def _drawn(name: str, label: str, classes: str) -> SafeString:
    return format_html(
        '<svg class="icon{}" width="20" height="20" {}><use href="{}#{}"/></svg>',
        f" {classes}" if classes else "",
        format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"'),
        static("img/icons.svg"),
        name,
    )


@register.inclusion_tag("components/button.html")
def button(
    label: str,
    *,
    href: str = "",
    kind: Literal["", "primary", "quiet", "danger", "spotify", "link"] = "",
    icon: str = "",
    size: Literal["", "small", "large"] = "",
    name: str = "",
    value: str = "",
    form: str = "",
    opens: str = "",
    closes: str = "",
    disabled: bool = False,
    only_icon: bool = False,
) -> dict[str, Any]:
    """A submit button; a link with `href`; one that opens or closes the dialog with the id in `opens` or `closes`."""
    classes = ["button", *(f"button-{word}" for word in (kind, size) if word)]
    return {
        "label": label,
        "href": href,
        "classes": " ".join([*classes, "button-square"] if only_icon else classes),
        "icon_name": icon,
        "name": name,
        "value": value,
        "form_id": form,
        "opens": opens,
        "closes": closes,
        "disabled": disabled,
        "only_icon": only_icon,
    }


@register.inclusion_tag("components/badge.html")
def badge(text: str, tone: Tone = "", icon: str = "") -> dict[str, str]:
    return {"text": text, "tone": tone, "icon_name": icon}


@register.inclusion_tag("components/badge.html")
def state(value: str, text: str) -> dict[str, str]:
    """The badge of a job's, import's or connection's state: `{% state job.state job.get_state_display %}`."""
    turns = "icon-turns" if value == "running" else ""
    return {"text": text, "tone": TONES.get(value, ""), "icon_name": ICONS.get(value, "unknown"), "turns": turns}


@register.inclusion_tag("components/meter.html")
def meter(label: str, share: float, said: str = "", tone: Tone = "") -> dict[str, Any]:
    """How much of something is used. `share` from 0 to 1 (more is drawn full); `said` the figures in words."""
    width = min(max(share, 0.0), 1.0) * 100
    return {
        "label": label,
        "width": f"{width:.1f}",
        "drawn_percent": round(width),
        "said": said,
        "tone": tone,
        "percent": round(share * 100),
    }


@register.inclusion_tag("components/progress.html")
def progress(label: str, share: float | None = None, said: str = "") -> dict[str, Any]:
    """How far some work is. `share` from 0 to 1; None while nobody knows."""
    return {"label": label, "percent": None if share is None else round(share * 100), "said": said}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[tuple[str, str]], current: str, label: str, *, compact: bool = False) -> dict[str, Any]:
    """Pages side by side: `items` are (address, words); `current` is the address of this one.

    `compact` for a choice within a page, as small chips.
    """
    return {"items": list(items), "current": current, "label": label, "compact": compact}


@register.inclusion_tag("components/pager.html")
def pager(newer: str = "", older: str = "", said: str = "") -> dict[str, str]:
    """The way on in a keyset: addresses of the newer and older page, empty where there is none."""
    return {"newer": newer, "older": older, "said": said}


@register.inclusion_tag("components/crumbs.html")
def crumbs(*pairs: str) -> dict[str, Any]:
    """Where this page is: `{% crumbs _("Imports") imports_url %}`: words, address, words, address …; the top first."""
    return {"items": list(zip(pairs[::2], pairs[1::2], strict=True))}


@register.inclusion_tag("components/empty.html")
def empty(
    title: str,
    text: str = "",
    *,
    icon: str = "disc",
    action: str = "",
    href: str = "",
    second: str = "",
    second_href: str = "",
) -> dict[str, str]:
    """Nothing here yet, and what to do first."""
    return {
        "title": title,
        "text": text,
        "icon_name": icon,
        "action": action,
        "href": href,
        "second": second,
        "second_href": second_href,
    }


@register.inclusion_tag("components/trouble.html")
def trouble(
    title: str,
    *,
    safe: str = "",
    next: str = "",
    action: str = "",
    href: str = "",
    tone: Literal["bad", "wait"] = "bad",
) -> dict[str, str]:
    """What happened (`title`), what is safe, and the next step."""
    return {"title": title, "safe": safe, "next": next, "action": action, "href": href, "tone": tone}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, *, optional: bool | None = None) -> dict[str, Any]:
    """One form field with its label, help and errors; the form's own `as_field_group` renders the same."""
    return {"field": bound, "optional": not bound.field.required if optional is None else optional}


@register.simple_block_tag(end_name="enddialog")
def dialog(content: str, id: str, title: str) -> SafeString:
    """A native dialog around its content; `{% button … opens=id %}` opens it."""
    return _block("components/dialog.html", content=content, id=id, title=title)


@register.simple_block_tag(end_name="endscroller")
def scroller(content: str, label: str) -> SafeString:
    """A frame that a wide table scrolls in, reachable by keyboard."""
    return _block("components/scroller.html", content=content, label=label)


@register.simple_block_tag(end_name="endcard")
def card(content: str, title: str = "", kind: Literal["", "accent", "plain", "bad"] = "") -> SafeString:
    return _block("components/card.html", content=content, title=title, kind=kind)


def _block(name: str, **context: str) -> SafeString:
    from django.template.loader import render_to_string

    return render_to_string(name, context)
