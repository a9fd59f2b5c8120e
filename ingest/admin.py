"""Operators' desks for the catalogue, imports and what polling remembers. Plays stay with their people."""

from django.contrib import admin

from accounts.desk import Desk, ReadOnlyDesk
from ingest import names
from ingest.models import (
    Album,
    Artist,
    Gap,
    HistoryImport,
    ImportFile,
    PollState,
    Recording,
    Track,
    TrackArtist,
    TrackSource,
)


class NamedDesk(Desk):
    """A catalogue desk: searched by Spotify id or by how the name begins."""

    exact_fields = ("spotify_id",)
    prefix_fields = ("name_key",)
    ordering = ("-id",)

    def fold(self, term: str) -> str:
        return names.key(term)


@admin.register(Artist)
class ArtistDesk(NamedDesk):
    list_display = ("name", "spotify_id", "musicbrainz_id", "refreshed_at")


@admin.register(Album)
class AlbumDesk(NamedDesk):
    list_display = ("name", "artist", "released_on", "spotify_id", "refreshed_at")
    list_select_related = ("artist",)
    raw_id_fields = ("artist",)


class CreditInline(admin.TabularInline):
    model = TrackArtist
    raw_id_fields = ("artist",)
    extra = 0


@admin.register(Track)
class TrackDesk(NamedDesk):
    list_display = ("name", "artist", "album", "kind", "isrc", "spotify_id", "refreshed_at")
    list_select_related = ("artist", "album")
    raw_id_fields = ("artist", "album", "recording")
    inlines = (CreditInline,)


@admin.register(Recording)
class RecordingDesk(Desk):
    list_display = ("name", "isrc", "created_at")
    exact_fields = ("isrc",)
    ordering = ("-id",)


class ImportFileInline(admin.TabularInline):
    model = ImportFile
    fields = readonly_fields = ("name", "format", "note", "rows", "new", "duplicate", "merged", "set_aside")
    extra = 0
    can_delete = False


@admin.register(HistoryImport)
class HistoryImportDesk(ReadOnlyDesk):
    list_display = ("id", "user", "name", "state", "rows", "new", "duplicate", "merged", "set_aside", "created_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    exact_fields = ("user__username",)
    inlines = (ImportFileInline,)


@admin.register(TrackSource)
class TrackSourceDesk(ReadOnlyDesk):
    list_display = ("id", "user", "kind", "name", "total", "is_readable", "pulled_at")
    list_filter = ("kind", "is_readable")
    list_select_related = ("user",)
    exact_fields = ("user__username", "spotify_id")


@admin.register(PollState)
class PollStateDesk(ReadOnlyDesk):
    list_display = ("connection", "next_at", "polled_at", "new_plays", "failures")
    list_select_related = ("connection",)
    exact_fields = ("connection__spotify_user_id", "connection__user__username")
    ordering = ("next_at",)


@admin.register(Gap)
class GapDesk(ReadOnlyDesk):
    list_display = ("user", "reason", "started_at", "ended_at", "filled_by")
    list_filter = ("reason",)
    list_select_related = ("user",)
    exact_fields = ("user__username",)
    ordering = ("-id",)
