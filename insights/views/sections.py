"""The pages that look back, in groups, so that the way between them fits a phone."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Groups and their pages, in the order of the tabs: address, its arguments, words. A group opens at its first page; an
# address with an argument is one of several that are the same page here.
SECTIONS: list[tuple["StrOrPromise", list[tuple[str, tuple[str, ...], "StrOrPromise"]]]] = [
    (gettext_lazy("Overview"), [("insights:dashboard", (), gettext_lazy("Overview"))]),
    (
        gettext_lazy("What"),
        [
            ("insights:top", ("tracks",), gettext_lazy("Top")),
            ("insights:sound", (), gettext_lazy("How it sounds")),
            ("insights:discoveries", (), gettext_lazy("Discoveries")),
            ("insights:decades", (), gettext_lazy("Decades")),
        ],
    ),
    (
        gettext_lazy("When"),
        [("insights:time", (), gettext_lazy("Days and hours")), ("insights:sessions", (), gettext_lazy("Sessions"))],
    ),
    (
        gettext_lazy("Then and now"),
        [
            ("insights:milestones", (), gettext_lazy("Milestones")),
            ("insights:this-day", (), gettext_lazy("On this day")),
            ("insights:compare", (), gettext_lazy("Compare")),
            ("insights:snapshots", (), gettext_lazy("Snapshots")),
            ("insights:wellness", (), gettext_lazy("Wellness")),
        ],
    ),
    (
        gettext_lazy("How"),
        [("insights:skips", (), gettext_lazy("Skips")), ("insights:counting", (), gettext_lazy("What counts"))],
    ),
]


@dataclass(frozen=True, slots=True)
class Section:
    """One page of a group."""

    url: str
    words: "StrOrPromise"
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """One tab, and the pages below it."""

    words: "StrOrPromise"
    pages: list[Section]

    @property
    def url(self) -> str:
        return self.pages[0].url

    @property
    def current(self) -> bool:
        return any(page.current for page in self.pages)


@dataclass(frozen=True, slots=True)
class Tabs:
    """What the frame of a page needs that is not about a range of plays."""

    path: str
    query: str = ""  # that the other pages are opened with

    @property
    def sections(self) -> list[Group]:
        return groups(self.path)


def groups(path: str) -> list[Group]:
    """All groups, as seen from the page at `path`."""
    here = path.split("/")[1]
    return [
        Group(words, [_section(reverse(name, args=args), label, here) for name, args, label in pages])
        for words, pages in SECTIONS
    ]


def _section(url: str, words: "StrOrPromise", here: str) -> Section:
    return Section(url, words, url.split("/")[1] == here)
