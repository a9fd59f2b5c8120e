"""The frame of every sandbox page: plain HTML, one stylesheet, no script."""

from __future__ import annotations

from html import escape
from pathlib import Path

from werkzeug.wrappers import Response

CSS = (Path(__file__).parent / "assets" / "sandbox.css").read_bytes()
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='3' fill='%23f2c14e'/%3E"
    "%3Cpath d='M0 12 12 0h4L0 16z' fill='%23221d18'/%3E%3C/svg%3E"
)


def page(title: str, body: str, *, narrow: bool = False) -> str:
    """A whole page; `body` is HTML already."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · Sandbox</title><link rel="icon" href="{_ICON}">
<link rel="stylesheet" href="/_sandbox/sandbox.css"></head>
<body><header class="band">Sandbox. A made-up world: nobody here is real, and this is not Spotify.
<a href="/_sandbox/">Control desk</a></header>
<main{' class="narrow"' if narrow else ""}>{body}</main></body></html>"""


def html_response(title: str, body: str, status: int = 200, *, narrow: bool = False) -> Response:
    return Response(page(title, body, narrow=narrow), status, content_type="text/html; charset=utf-8")


def table(head: list[str], rows: list[list[str]], *, empty: str) -> str:
    """A table of HTML cells, or the sentence `empty`."""
    if not rows:
        return f'<p class="soft">{escape(empty)}</p>'
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(head[0])} table">' + (
        f"<table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def options(values: list[tuple[str, str]], chosen: str = "") -> str:
    """The inside of a select."""
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in values
    )
