"""Podcasts and audiobooks: shows with an episode a week since 2016, books with chapters."""

from __future__ import annotations

from datetime import date, timedelta

from .chance import base62, dice
from .model import Audiobook, Chapter, Episode, Show
from .names import TONGUES, person, title

SHOWS = 24
EPISODES = 620  # weekly from 2016 on reach into 2027
BOOKS = 16
NAMES = [
    "{} Explained",
    "The {} Hour",
    "{} & Friends",
    "Slow {}",
    "{}: A History",
    "Notes on {}",
    "{} Daily",
    "Letters from {}",
]


class Spoken:
    """Everything spoken. Episodes and chapters are made when asked for, so that the world stands up quickly."""

    def __init__(self, salt: str) -> None:
        self.salt = salt
        self.shows = tuple(self._show(number) for number in range(SHOWS))
        self.books = tuple(self._book(number) for number in range(BOOKS))
        self._where: dict[str, tuple[int, int]] = {}
        for number, show in enumerate(self.shows):
            self._where.update({id: (number, place) for place, id in enumerate(show.episode_ids)})
        self._chapter: dict[str, tuple[int, int]] = {}
        for number, book in enumerate(self.books):
            self._chapter.update({id: (number, place) for place, id in enumerate(book.chapter_ids)})

    def _show(self, number: int) -> Show:
        chance = dice(self.salt, "show", number)
        tongue = TONGUES[chance.choice(("en", "en", "en", "es", "de", "fr", "sv", "ru", "ja"))]
        name = chance.choice(NAMES).format(chance.choice(tongue.first))
        ids = tuple(base62(self.salt, "episode", number, place) for place in range(EPISODES))
        return Show(base62(self.salt, "show", number), name, person(chance, tongue), tongue.code, ids)

    def _book(self, number: int) -> Audiobook:
        chance = dice(self.salt, "book", number)
        tongue = TONGUES["en"]
        count = chance.randrange(14, 42)
        ids = tuple(base62(self.salt, "chapter", number, place) for place in range(count))
        return Audiobook(base62(self.salt, "book", number), title(chance, tongue), person(chance, tongue), ids)

    def episode(self, id: str) -> Episode:
        """KeyError if there is none."""
        number, place = self._where[id]
        chance = dice(self.salt, "episode", number, place)
        show = self.shows[number]
        released = date(2016, 1, 4) + timedelta(days=7 * place + number % 7)
        name = f"{place + 1}. {title(chance, TONGUES[show.language])}"
        return Episode(id, name, show.id, chance.randrange(900, 5400) * 1000, released.isoformat())

    def chapter(self, id: str) -> Chapter:
        """KeyError if there is none."""
        number, place = self._chapter[id]
        chance = dice(self.salt, "chapter", number, place)
        return Chapter(id, f"Chapter {place + 1}", self.books[number].id, chance.randrange(600, 3000) * 1000)

    def show(self, id: str) -> Show:
        return next(show for show in self.shows if show.id == id)

    def audiobook(self, id: str) -> Audiobook:
        return next(book for book in self.books if book.id == id)

    def latest(self, show: Show, day: date) -> str:
        """The id of the newest episode out on `day`."""
        weeks = (day - date(2016, 1, 4)).days // 7
        return show.episode_ids[max(0, min(len(show.episode_ids) - 1, weeks - 1))]
