"""Celery's side of `playlists`: handlers of jobs are registered here."""

from playlists.actions import write

__all__ = ["write"]
