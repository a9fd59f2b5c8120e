from playlists.models.playlist import Playlist, PlaylistQuerySet
from playlists.models.rule import Rule, RuleQuerySet
from playlists.models.schedule import Schedule, ScheduleQuerySet
from playlists.models.sync import SyncRun, SyncRunQuerySet

__all__ = [
    "Playlist",
    "PlaylistQuerySet",
    "Rule",
    "RuleQuerySet",
    "Schedule",
    "ScheduleQuerySet",
    "SyncRun",
    "SyncRunQuerySet",
]
