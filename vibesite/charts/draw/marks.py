"""What all drawings share: numbers, words, the svg around them, and marks, which can be pointed at and led on from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

TABBED = 31  # links of one drawing that the tab key stops at; of more, only the first (arrow keys reach the others)


def num(value: float) -> str:
    """A coordinate, short: 12, 3.25."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def words(text: object, at: str, kind: str = "", *, anchor: str = "") -> str:
    """A `<text>`; `at` its place as attributes."""
    anchored = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text class="{kind}" {at}{anchored}>{escape(str(text))}</text>'


@dataclass(slots=True)
class Marks:
    """The marks of one drawing, in order: `<a>` where there is somewhere to go, else `<g>`, with words for pointers.

    `count` is how many of them will be links.
    """

    count: int
    parts: list[str] = field(default_factory=list)
    linked: int = 0

    def add(self, label: object, text: object, shape: str, href: str = "", kind: str = "mark") -> None:
        title = f"<title>{escape(str(label))}\n{escape(str(text))}</title>"
        if not href:
            self.parts.append(f'<g class="{kind}">{title}{shape}</g>')
            return
        skipped = ' tabindex="-1"' if self.linked and self.count > TABBED else ""
        self.linked += 1
        self.parts.append(f'<a class="{kind}" href="{escape(href)}"{skipped}>{title}{shape}</a>')


def links(hrefs: Iterable[str]) -> int:
    return sum(1 for href in hrefs if href)


def svg(body: str, *, name: str, said: str, kind: str, size: str, interactive: bool) -> str:
    """The svg around a drawing; `name` what it shows, `said` its gist, `size` width, height or viewBox as attributes.

    A drawing with links is a group, since the parts of an image are hidden from readers.
    """
    role = "group" if interactive else "img"
    return (
        f'<svg class="{kind}" role="{role}" aria-label="{escape(name)}" {size}><desc>{escape(said)}</desc>{body}</svg>'
    )
