"""What is marked for translation, what the catalogue says of it, and what a page says. Needs no gettext tools."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "vibesite/locale/ru/LC_MESSAGES/django.po"
APPS = ("accounts", "ingest", "insights", "playlists", "vibesite")
CALLS = {  # name: places of context, singular and plural among the arguments
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%[sd]")
HREF = re.compile(r'href="[^"]*"')

Key = tuple[str, str, str]  # context, singular, plural


class Entry:
    """One message of a .po file."""

    def __init__(self) -> None:
        self.parts: dict[str, str] = {}
        self.flags: set[str] = set()

    @property
    def key(self) -> Key:
        return self.parts.get("msgctxt", ""), self.parts.get("msgid", ""), self.parts.get("msgid_plural", "")

    @property
    def translations(self) -> list[str]:
        return [text for name, text in sorted(self.parts.items()) if name.startswith("msgstr")]


def parse_po(text: str) -> list[Entry]:
    entries, name = [Entry()], ""
    for line in text.splitlines():
        if not line:
            entries.append(Entry())
        elif line.startswith("#,"):
            entries[-1].flags |= {flag.strip() for flag in line[2:].split(",")}
        elif not line.startswith("#"):
            if not line.startswith('"'):
                name, line = line.split(" ", 1)
                entries[-1].parts[name] = ""
            entries[-1].parts[name] += ast.literal_eval(line)
    return [entry for entry in entries if entry.parts]


def calls_in(source: str) -> Iterator[Key]:
    """What is marked for translation in Python source."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in CALLS:
            continue
        words = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
        found = ["" if place is None else words[place] for place in CALLS[name] if place is None or place < len(words)]
        if len(found) == 3 and all(isinstance(word, str) for word in found):
            yield found[0], found[1], found[2]


def calls_in_template(source: str) -> Iterator[Key]:
    """The same of a template. Django writes its messages out as calls, among filling of no meaning."""
    string = r"""(?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")"""
    call = rf"\b(?:gettext|ngettext|pgettext|npgettext|_)\(\s*{string}(?:\s*,\s*(?:{string}|count))*\s*\)"
    for found in re.findall(call, templatize(source), re.DOTALL):
        yield from calls_in(found.strip().replace("\n", "\\n"))


def sources() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts and "sandbox" not in path.relative_to(ROOT).parts[:2]:
                yield path
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt"))


@cache
def catalogue() -> dict[Key, Entry]:
    """The Russian one, by key."""
    return {entry.key: entry for entry in parse_po(CATALOGUE.read_text("utf-8")) if entry.parts["msgid"]}


class _Visible(HTMLParser):
    """What a person sees or hears of a page."""

    SAID = ("aria-label", "title", "alt", "placeholder", "data-label", "data-sending", "data-broken", "data-too-large")

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style", "code", "pre", "bdi")
        self.words += [value for name, value in attrs if name in self.SAID and value and tag != "time"]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "code", "pre", "bdi")

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.words.append(data.strip())


def words_of(html: str) -> list[str]:
    parser = _Visible()
    parser.feed(html)
    return parser.words
