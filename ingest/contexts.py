"""What plays were started from: a playlist, album, artist or likes, named as far as we know it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ingest.models import Album, Artist, TrackSource, Word


@dataclass(frozen=True, slots=True)
class Context:
    """One context. `name` is said in words of its kind where nobody told us how it is called."""

    name: str
    kind: str  # in words
    album: Album | None = None  # whose cover stands for it
    spotify_url: str | None = None


def named(user: User, keys: list[int]) -> dict[int, Context]:
    """The contexts with these `Word` ids. Playlists are named from the person's own library alone."""
    words = dict(Word.objects.filter(kind=Word.Kind.CONTEXT, id__in=keys).values_list("id", "text"))
    parts = {key: _parts(text) for key, text in words.items()}
    ids = {kind: {pk for found, pk in parts.values() if found == kind} for kind in ("playlist", "album", "artist")}
    playlists = dict(
        TrackSource.objects.filter(user=user, spotify_id__in=ids["playlist"]).values_list("spotify_id", "name")
    )
    artists = dict(Artist.objects.filter(spotify_id__in=ids["artist"]).values_list("spotify_id", "name"))
    albums = {row.spotify_id: row for row in Album.objects.filter(spotify_id__in=ids["album"])}
    known: dict[str, dict[Any, str]] = {
        "playlist": playlists,
        "artist": artists,
        "album": {pk: row.name for pk, row in albums.items()},
    }
    return {
        key: _context(kind, pk, known.get(kind, {}).get(pk, ""), albums.get(pk) if kind == "album" else None)
        for key, (kind, pk) in parts.items()
    }


def _parts(text: str) -> tuple[str, str]:
    """Kind and id of spotify:playlist:ID, spotify:user:NAME:playlist:ID, spotify:user:NAME:collection."""
    parts = text.split(":")
    if parts[-1] == "collection" or (len(parts) > 1 and parts[1] == "collection"):
        return "collection", ""
    return (parts[-2], parts[-1]) if len(parts) > 2 else ("", text)


# Kinds in words, and what one is called that nobody told us the name of.
_KINDS = {
    "playlist": (_("Playlist"), _("A playlist that is not in your library")),
    "album": (_("Album"), _("An album that is not in our catalogue")),
    "artist": (_("Artist"), _("An artist who is not in our catalogue")),
    "collection": (_("Likes"), _("Your liked tracks")),
    "show": (_("Podcast"), _("A podcast")),
    "search": (_("Search"), _("A search")),
}


def _context(kind: str, pk: str, name: str, album: Album | None) -> Context:
    words, unnamed = _KINDS.get(kind, (_("Elsewhere"), pk))
    linked = kind in ("playlist", "album", "artist", "show")
    address = f"https://open.spotify.com/{kind}/{pk}" if linked else None
    return Context(name or str(unnamed), str(words), album, address)
