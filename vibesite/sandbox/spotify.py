"""Spotify's Web API. The door is spotify_door.py; each noun's endpoints register themselves with its service."""

from vibesite.sandbox import (
    spotify_catalogue,
    spotify_items,
    spotify_library,
    spotify_old,
    spotify_player,
    spotify_playlists,
    spotify_remote,
    spotify_spoken,
)
from vibesite.sandbox.spotify_door import service

__all__ = [
    "service",
    "spotify_catalogue",
    "spotify_items",
    "spotify_library",
    "spotify_old",
    "spotify_player",
    "spotify_playlists",
    "spotify_remote",
    "spotify_spoken",
]
