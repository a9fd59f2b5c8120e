"""Operators' desks for the catalogue, imports and what polling remembers. Plays stay with their people."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.desk import Desk, ReadOnlyDesk
from accounts.models import User
from ingest import admin_knowledge as admin_knowledge  # registers its desks
from ingest import names
from ingest.actions import group
from ingest.models import (
    Album,
    Artist,
    Gap,
    HistoryImport,
    ImportFile,
    PollState,
    Recording,
    RecordingCandidate,
    RecordingEvidence,
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


class PairForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        pair = [self.cleaned_data[name] for name in ("first", "second") if name in self.cleaned_data]
        return self.cleaned_data | dict(
            zip(("first", "second"), sorted(pair, key=lambda track: track.pk), strict=False)
        )


@admin.register(RecordingCandidate)
class RecordingCandidateDesk(ReadOnlyDesk):
    """Pairs that may be one recording. What is decided here holds for everybody, whatever later grouping finds."""

    list_display = ("id", "one", "other", "why", "state", "found_at", "decided_by")
    list_filter = ("state",)
    list_select_related = ("first__artist", "first__album", "second__artist", "second__album", "decided_by")
    exact_fields = ("first__spotify_id", "second__spotify_id")
    ordering = ("-id",)
    actions = ("join", "keep_apart", "reopen")
    form = PairForm
    fields = ("first", "second", "state")
    raw_id_fields = ("first", "second")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)  # to part what grouping was sure of

    def save_model(self, request: HttpRequest, obj: RecordingCandidate, form: Any, change: bool) -> None:
        obj.found_at = timezone.now()
        super().save_model(request, obj, form, change)
        group.decide_all(pairs=[obj], state=obj.state, by=cast(User, request.user), now=obj.found_at)

    @admin.display(description=_("first"))
    def one(self, row: RecordingCandidate) -> str:
        return _described(row.first)

    @admin.display(description=_("second"))
    def other(self, row: RecordingCandidate) -> str:
        return _described(row.second)

    @admin.action(description=_("One recording, for everybody"))
    def join(self, request: HttpRequest, rows: QuerySet[RecordingCandidate]) -> None:
        self._decide(request, rows, RecordingCandidate.State.JOINED)

    @admin.action(description=_("Two recordings, for everybody"))
    def keep_apart(self, request: HttpRequest, rows: QuerySet[RecordingCandidate]) -> None:
        self._decide(request, rows, RecordingCandidate.State.APART)

    @admin.action(description=_("Take the decision back"))
    def reopen(self, request: HttpRequest, rows: QuerySet[RecordingCandidate]) -> None:
        self._decide(request, rows, RecordingCandidate.State.OPEN)

    def _decide(self, request: HttpRequest, rows: QuerySet[RecordingCandidate], state: str) -> None:
        group.decide_all(pairs=list(rows), state=state, by=cast(User, request.user), now=timezone.now())
        self.message_user(request, _("Decided, and grouped anew."))


def _described(track: Track) -> str:
    length = f"{(track.duration_ms or 0) / 1000:.1f} s" if track.duration_ms else "?"
    return " · ".join(str(part) for part in (track.name, track.artist, track.album, length, track.isrc) if part)


@admin.register(RecordingEvidence)
class RecordingEvidenceDesk(ReadOnlyDesk):
    list_display = ("track", "recording", "how", "details", "created_at", "undone_at")
    list_filter = ("how",)
    list_select_related = ("track", "recording")
    exact_fields = ("track__spotify_id", "recording__isrc")
    ordering = ("-id",)
