"""Operators' desk for providers: whether each is on, how it fares, what is known, and what nobody could find."""

from typing import Any

from django.contrib import admin
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.desk import Desk, ReadOnlyDesk
from ingest import knowledge, unmatched
from ingest.models import Finding, ProviderDay, ProviderState, Tag
from ingest.providers import registry, turn

_KEPT_S = 120  # coverage reads whole tables
_WAITS = {
    "budget": _("The day’s budget is spent."),
    "it asked us to wait": _("It asked us to wait."),
    "it refuses us": _("It refuses us: is the key right?"),
    "it does not answer": _("It does not answer."),
}


@admin.register(ProviderState)
class ProviderDesk(Desk):
    """One line per provider. On: as the settings say, unless said here; calls a day likewise."""

    list_display = ("label", "sort", "standing", "today", "told", "last_error", "last_error_at", "unmatched")
    fields = ("is_on", "daily_calls")
    ordering = ("provider",)
    change_list_template = "admin/ingest/providerstate/change_list.html"
    actions = ("try_now",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderState]:
        return super().get_queryset(request).filter(provider__in=registry.BY_NAME)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "unmatched/<slug:provider>.csv",
            self.admin_site.admin_view(self.unmatched_table),
            name="ingest_unmatched",
        )
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        registry.ensure_states()
        self._days = {row.provider: row for row in ProviderDay.objects.filter(day=timezone.now().date())}
        coverage = cache.get("provider-desk:coverage")
        if coverage is None:
            coverage = knowledge.of_all()
            cache.set("provider-desk:coverage", coverage, _KEPT_S)
        return super().changelist_view(request, {**(extra_context or {}), "coverage": coverage})

    @admin.action(description=_("Ask again now, whatever it answered before"))
    def try_now(self, request: HttpRequest, rows: QuerySet[ProviderState]) -> None:
        rows.update(next_at=None, why="", failures=0)

    @admin.display(description=_("provider"), ordering="provider")
    def label(self, row: ProviderState) -> str:
        return registry.label(row.provider)

    @admin.display(description=_("kind"))
    def sort(self, row: ProviderState) -> str:
        return registry.BY_NAME[row.provider].sort

    @admin.display(description=_("state"))
    def standing(self, row: ProviderState) -> str:
        provider, now = registry.BY_NAME[row.provider], timezone.now()
        if not provider.batch:
            return gettext("Told by hand")
        if missing := provider.why_off():
            return gettext("Off: %(setting)s is not set") % {"setting": missing}
        if not registry.is_on(provider, row):
            return gettext("Off")
        if row.next_at and row.next_at > now and row.why in _WAITS:
            until = date_format(timezone.localtime(row.next_at), "SHORT_DATETIME_FORMAT")
            return gettext("%(why)s Until %(until)s.") % {"why": _WAITS[row.why], "until": until}
        return gettext("Asking") if row.running_until and row.running_until > now else gettext("On")

    @admin.display(description=_("calls today"))
    def today(self, row: ProviderState) -> str:
        day, budget = self._days.get(row.provider), turn.budget(registry.BY_NAME[row.provider], row)
        calls = number_format(day.calls if day else 0, force_grouping=True)
        if budget is None:
            return calls
        return gettext("%(calls)s of %(budget)s") % {
            "calls": calls,
            "budget": number_format(budget, force_grouping=True),
        }

    @admin.display(description=_("found, not known, failed"))
    def told(self, row: ProviderState) -> str:
        day = self._days.get(row.provider)
        return " / ".join(str(count) for count in (day.found, day.missing, day.failures)) if day else ""

    @admin.display(description=_("not found"))
    def unmatched(self, row: ProviderState) -> SafeString | str:
        if not registry.BY_NAME[row.provider].batch:
            return ""
        address = reverse("admin:ingest_unmatched", args=[row.provider])
        return format_html('<a href="{}">{}</a>', address, gettext("CSV"))

    def unmatched_table(self, request: HttpRequest, provider: str) -> StreamingHttpResponse:
        """Tracks that the provider does not know, by artist, as CSV."""
        if not self.has_view_permission(request):
            return StreamingHttpResponse(status=403)
        response = StreamingHttpResponse(unmatched.as_csv(provider), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="unmatched-{provider}.csv"'
        return response


@admin.register(Finding)
class FindingDesk(ReadOnlyDesk):
    list_display = ("id", "track", "artist", "provider", "version", "values", "confidence", "fetched_at", "again_at")
    list_select_related = ("track", "artist")
    list_filter = ("provider",)
    exact_fields = ("track__spotify_id", "artist__spotify_id")
    ordering = ("-id",)


@admin.register(Tag)
class TagDesk(ReadOnlyDesk):
    list_display = ("name", "kind")
    list_filter = ("kind",)
    prefix_fields = ("name",)
    ordering = ("name",)
