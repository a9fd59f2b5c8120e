"""Texts of messages: Telegram's HTML and MarkdownV2, checked as Telegram checks them, and shown as HTML."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

LONGEST = 4096  # UTF-16 units after entities
TAGS = {
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "code",
    "pre",
    "a",
    "blockquote",
    "tg-spoiler",
    "span",
}
RESERVED = "_*[]()~`>#+-=|{}.!"
_PAIRS = (("*", "b"), ("__", "u"), ("_", "i"), ("~", "s"), ("||", "span"), ("`", "code"))


class Unreadable(ValueError):
    """The text cannot be parsed; the message is Telegram's."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str]] = []  # a tag and what closes it when shown
        self.shown: list[str] = []
        self.plain: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise Unreadable(f'Unsupported start tag "{tag}" at byte offset {self.getpos()[1]}')
        href = dict(attrs).get("href") or ""
        if tag == "a" and href.startswith(("http://", "https://", "tg://")):
            self.open.append((tag, "</a>"))
            self.shown.append(f'<a href="{escape(href)}" rel="noreferrer">')
            return
        shown = "span" if tag in ("a", "tg-spoiler") else tag
        self.open.append((tag, f"</{shown}>"))
        self.shown.append(f"<{shown}>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            expected = f', expected "</{self.open[-1][0]}>"' if self.open else ""
            raise Unreadable(f'Unmatched end tag at byte offset {self.getpos()[1]}{expected}, found "</{tag}>"')
        self.shown.append(self.open.pop()[1])

    def handle_data(self, data: str) -> None:
        self.plain.append(data)
        self.shown.append(escape(data))


def _html(text: str) -> tuple[str, str]:
    reader = _Reader()
    if re.search(r"<(?![a-zA-Z/!])", text):
        raise Unreadable('Unsupported start tag "" at byte offset 0')
    reader.feed(text)
    reader.close()
    if reader.open:
        raise Unreadable(f'Can\'t find end tag corresponding to start tag "{reader.open[-1][0]}"')
    return "".join(reader.plain), "".join(reader.shown)


def _markdown(text: str) -> tuple[str, str]:
    """MarkdownV2: pairs must close, reserved signs must be escaped."""
    shown: list[str] = []
    plain: list[str] = []
    held: list[str] = []
    place = 0
    while place < len(text):
        if text[place] == "\\" and place + 1 < len(text):
            plain.append(text[place + 1])
            shown.append(escape(text[place + 1]))
            place += 2
            continue
        link = re.match(r"\[((?:\\.|[^\]])*)\]\(((?:\\.|[^)])*)\)", text[place:])
        if link:
            inner, inner_shown = _markdown(link[1])
            plain.append(inner)
            shown.append(f'<a href="{escape(link[2])}" rel="noreferrer">{inner_shown}</a>')
            place += len(link[0])
            continue
        pair = next((pair for pair in _PAIRS if text.startswith(pair[0], place)), None)
        if pair:
            mark, tag = pair
            shown.append(f"</{tag}>" if mark in held else f"<{tag}>")
            held.remove(mark) if mark in held else held.append(mark)
            place += len(mark)
            continue
        letter = text[place]
        if letter in RESERVED:
            told = f"Character '{letter}' is reserved and must be escaped with the preceding '\\'"
            raise Unreadable(told)
        plain.append(letter)
        shown.append(escape(letter))
        place += 1
    if held:
        raise Unreadable(f"Can't find end of the entity starting with '{held[-1]}'")
    return "".join(plain), "".join(shown)


def read(text: str, mode: str | None) -> tuple[str, str]:
    """The text without marks, and as safe HTML. Unreadable if Telegram would refuse it; the message says why."""
    if mode and mode.lower() == "html":
        plain, shown = _html(text)
    elif mode and mode.lower() == "markdownv2":
        plain, shown = _markdown(text)
    elif mode and mode.lower() != "markdown":
        raise Unreadable("unsupported parse_mode")
    else:
        plain, shown = text, escape(text)
    if not plain.strip():
        raise Unreadable("message text is empty")
    if len(plain.encode("utf-16-le")) // 2 > LONGEST:
        raise Unreadable("message is too long")
    return plain, shown
