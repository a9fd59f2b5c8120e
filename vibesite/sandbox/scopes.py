"""Spotify's scopes, and what its consent page says of each."""

from collections.abc import Iterable
from functools import lru_cache

SCOPES: dict[str, str] = {
    "user-read-recently-played": "See what you played lately",
    "user-read-currently-playing": "See what is playing right now",
    "user-read-playback-state": "See your devices and what they play",
    "user-modify-playback-state": "Control playback on your devices",
    "user-read-playback-position": "See where you are in what you hear",
    "user-top-read": "See your top artists and tracks",
    "user-library-read": "See what you saved to your library",
    "user-library-modify": "Add to and remove from your library",
    "user-follow-read": "See whom you follow",
    "user-follow-modify": "Manage whom you follow",
    "playlist-read-private": "See your private playlists",
    "playlist-read-collaborative": "See your collaborative playlists",
    "playlist-modify-private": "Create and change your private playlists",
    "playlist-modify-public": "Create and change your public playlists",
    "ugc-image-upload": "Upload images as covers",
    "user-read-email": "See your e-mail address",
    "user-read-private": "See your subscription and country",
    "app-remote-control": "Talk to the Spotify app on your device",
    "streaming": "Play music in your browser",
    "user-soa-link": "Link a partner account",
    "user-soa-unlink": "Unlink a partner account",
    "soa-manage-entitlements": "Change entitlements of linked accounts",
    "soa-manage-partner": "Change partner information",
    "soa-create-partner": "Create partners",
}


def parse(text: str) -> tuple[str, ...]:
    """The scopes in `text`, each once, in order. ValueError names an unknown one."""
    wanted = tuple(dict.fromkeys(text.replace(",", " ").split()))
    for scope in wanted:
        if scope not in SCOPES:
            raise ValueError(scope)
    return wanted


def pack(scopes: Iterable[str]) -> int:
    """One bit for each scope."""
    names = list(SCOPES)
    return sum(1 << names.index(scope) for scope in scopes)


@lru_cache(maxsize=256)
def unpack(bits: int) -> tuple[str, ...]:
    return tuple(scope for place, scope in enumerate(SCOPES) if bits >> place & 1)
