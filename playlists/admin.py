"""Operators' desks: which playlists are written, how their runs went, which rules stopped. Nothing is changed here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.desk import ReadOnlyDesk
from playlists.models import Playlist, Rule, Schedule, SyncRun


@admin.register(Playlist)
class PlaylistDesk(ReadOnlyDesk):
    list_display = ("id", "owner", "name", "mode", "is_enabled", "spotify_id", "synced_size", "synced_at")
    list_filter = ("mode", "is_enabled")
    list_select_related = ("owner",)
    exact_fields = ("owner__username", "spotify_id")
    exclude = ("synced_uris", "hand_added", "hand_removed")
    ordering = ("-id",)


@admin.register(SyncRun)
class SyncRunDesk(ReadOnlyDesk):
    """Runs without their lists, which may be half a megabyte."""

    list_display = ("id", "playlist", "state", "size_before", "size_after", "reads", "writes", "made_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("playlist",)
    exact_fields = ("playlist__owner__username", "playlist__spotify_id")
    exclude = ("wanted", "before", "start", "after", "fixed", "calls", "hand_added", "hand_removed")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*self.exclude)


@admin.register(Rule)
class RuleDesk(ReadOnlyDesk):
    list_display = ("id", "user", "name", "playlist", "priority", "weight", "is_enabled", "changed_at")
    list_filter = ("is_enabled",)
    list_select_related = ("user", "playlist")
    exact_fields = ("user__username", "key")
    ordering = ("-id",)


@admin.register(Schedule)
class ScheduleDesk(ReadOnlyDesk):
    list_display = ("rule", "kind", "next_at", "failures", "stopped_at")
    list_filter = ("kind",)
    list_select_related = ("rule",)
    exact_fields = ("rule__user__username",)
    ordering = ("next_at",)
