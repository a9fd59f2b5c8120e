from playlists.models.playlist import Playlist, PlaylistQuerySet
from playlists.models.rule import Rule, RuleQuerySet
from playlists.models.sync import SyncRun, SyncRunQuerySet

__all__ = ["Playlist", "PlaylistQuerySet", "Rule", "RuleQuerySet", "SyncRun", "SyncRunQuerySet"]
