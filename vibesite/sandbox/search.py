"""Search over the catalogue: words in any order, and Spotify's filters.

Known are `artist: album: track: year: isrc: upc: genre:`, each with a word, several, or "some in quotes".
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

from .model import Album, Artist, Track

if TYPE_CHECKING:
    from .world import World

_NAMES = "artist|album|track|year|isrc|upc|genre|tag"
_FILTER = re.compile(rf'\b({_NAMES}):\s*("[^"]*"|\S+(?:\s+(?!\w+:)\S+)*)', re.IGNORECASE)
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Lower case, marks and width folded away: `Éloïse` is found as `eloise`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


class Index:
    """Made once, at the first search."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._tracks: dict[str, list[int]] = defaultdict(list)
        self._albums: dict[str, list[int]] = defaultdict(list)
        self._artists: dict[str, list[int]] = defaultdict(list)
        names = {artist.id: words(artist.name) for artist in world.artists}
        for number, artist in enumerate(world.artists):
            for word in dict.fromkeys(names[artist.id]):
                self._artists[word].append(number)
        for number, album in enumerate(world.albums):
            for word in dict.fromkeys([*words(album.name), *names[album.artist_ids[0]]]):
                self._albums[word].append(number)
        for number, track in enumerate(world.tracks):
            for word in dict.fromkeys([*words(track.name), *(w for id in track.artist_ids for w in names[id])]):
                self._tracks[word].append(number)

    def search(self, q: str, kind: str) -> list:
        filters = {name.lower(): value.strip('"') for name, value in _FILTER.findall(q)}
        wanted = words(_FILTER.sub(" ", q))
        if kind == "artist":
            return self._rank(self._artists, self.world.artists, wanted, filters, "artist")
        if kind == "album":
            return self._rank(self._albums, self.world.albums, wanted, filters, "album")
        return self._rank(self._tracks, self.world.tracks, wanted, filters, "track")

    def _rank(self, index: dict, things: tuple, wanted: list[str], filters: dict[str, str], kind: str) -> list:
        asked = wanted + [w for name in ("artist", kind) for w in words(filters.get(name, ""))]
        if "isrc" in filters and kind == "track":
            found: list = self.world.by_isrc(filters["isrc"].upper().replace("-", ""))
        elif asked:
            lists = sorted((self._near(index, word) for word in asked), key=len)
            common = set(lists[0]).intersection(*lists[1:])
            found = [things[number] for number in sorted(common)]
        else:
            found = list(things) if filters else []
        kept = [thing for thing in found if self._fits(thing, filters)]
        exact = " ".join(wanted)
        return sorted(kept, key=lambda thing: (" ".join(words(thing.name)) != exact, -thing.popularity, thing.id))

    @staticmethod
    def _near(index: dict[str, list[int]], word: str) -> list[int]:
        """Numbers of things with the word, or with one that begins so if there is none."""
        if word in index:
            return index[word]
        if len(word) < 3:
            return []
        return [number for known, numbers in index.items() if known.startswith(word) for number in numbers]

    def _fits(self, thing: Track | Album | Artist, filters: dict[str, str]) -> bool:
        return all(self._fit(thing, name, value) for name, value in filters.items())

    def _fit(self, thing: Track | Album | Artist, name: str, value: str) -> bool:
        world = self.world
        album = thing if isinstance(thing, Album) else world.album(thing.album_id) if isinstance(thing, Track) else None
        if name == "artist":
            owners = (thing.id,) if isinstance(thing, Artist) else thing.artist_ids
            return {word for id in owners for word in words(world.artist(id).name)}.issuperset(words(value))
        if name == "track":
            return isinstance(thing, Track) and set(words(thing.name)).issuperset(words(value))
        if name == "genre":
            genres = thing.genres if isinstance(thing, Artist) else (thing.genre,)
            return value.lower() in (genre.lower() for genre in genres)
        if album is None:
            return name not in ("album", "upc")
        if name == "album":
            return set(words(album.name)).issuperset(words(value))
        if name == "year":
            first, _, last = value.partition("-")
            return first <= album.release_date[:4] <= (last or first)
        return name != "upc" or album.upc == value
