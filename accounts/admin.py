"""The operators' desks for people, Spotify apps, connections and what happens around them. Secrets are never shown."""

from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import jobs, keys, requeue
from accounts.actions import depart
from accounts.desk import Desk, ReadOnlyDesk
from accounts.models import ApiToken, Breaker, CallCount, Invitation, Job, Notice, SpotifyApp, SpotifyConnection, User

import_module("allauth.account.admin")  # before we take its desks away: left to itself, it would come after us
import_module("allauth.socialaccount.admin")
for _unused in (SocialApp, SocialToken, SocialAccount, EmailAddress):  # apps, tokens and people are ours
    admin.site.unregister(_unused)


@admin.register(User)
class UserDesk(Desk, UserAdmin):
    list_display = ("username", "first_name", "is_active", "is_staff", "time_zone", "last_login")
    list_filter = ("is_active", "is_staff")
    exact_fields = ("email",)
    prefix_fields = ("username",)
    ordering = ("-pk",)
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    raw_id_fields = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            _("Person"),
            {"fields": ("first_name", "email", "time_zone", "language", "theme", "week_starts_on", "market")},
        ),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )


class SpotifyAppForm(forms.ModelForm):
    new_secret = forms.CharField(
        label=_("New client secret"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Leave empty to keep the present one, which is never shown."),
    )

    class Meta:
        model = SpotifyApp
        exclude = ("client_secret_encrypted",)  # noqa: DJ006


@admin.register(SpotifyApp)
class SpotifyAppDesk(Desk):
    form = SpotifyAppForm
    list_display = ("name", "mode", "seats_used", "seats", "daily_calls", "enabled", "blocked_until", "owner")
    list_filter = ("mode", "enabled")
    list_select_related = ("owner",)
    autocomplete_fields = ("owner",)
    exact_fields = ("client_id", "quota_group", "name")
    readonly_fields = ("from_environment", "storm_since", "rate_limited_until", "created_at")
    actions = ("unblock",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SpotifyApp]:
        return SpotifyApp.objects.with_seats_used()

    @admin.display(description=_("seats used"))
    def seats_used(self, app: Any) -> int:
        return int(app.seats_used)

    def save_model(self, request: HttpRequest, obj: SpotifyApp, form: Any, change: bool) -> None:
        if form.cleaned_data.get("new_secret"):
            obj.client_secret = form.cleaned_data["new_secret"]
        super().save_model(request, obj, form, change)
        if "blocked_until" in form.changed_data and not obj.is_blocked(timezone.now()):
            requeue.release(app=obj, now=timezone.now())

    @admin.action(description=_("Lift the block, and try Spotify again"))
    def unblock(self, request: HttpRequest, queryset: QuerySet[SpotifyApp]) -> None:
        for app in queryset:
            SpotifyApp.objects.filter(pk=app.pk).update(blocked_until=None, block_reason="", rate_limited_until=None)
            requeue.release(app=app, now=timezone.now())
            self.log_change(request, app, "Block lifted by hand.")


@admin.register(SpotifyConnection)
class SpotifyConnectionDesk(Desk):
    list_display = ("display_name", "user", "app", "state", "authorized_at", "refreshed_at")
    list_filter = ("state",)
    list_select_related = ("user", "app")
    exact_fields = ("account_id", "spotify_user_id", "display_name", "user__username")
    fields = readonly_fields = (
        "user",
        "app",
        "account_id",
        "spotify_user_id",
        "display_name",
        "scopes",
        "state",
        "state_reason",
        "state_at",
        "authorized_at",
        "consent_ends_at",
        "access_expires_at",
        "refreshed_at",
        "grant_failed_at",
        "created_at",
    )
    actions = ("quarantine", "reactivate")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a consent comes from its person

    def delete_model(self, request: HttpRequest, obj: SpotifyConnection) -> None:
        gone = depart.disconnect(connection=obj, now=timezone.now())
        messages.info(request, _("Erased: %(gone)s.") % {"gone": gone})

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SpotifyConnection]) -> None:
        for connection in queryset.select_related("user", "app"):
            self.delete_model(request, connection)

    @admin.action(description=_("Stop work for these (tokens are kept)"))
    def quarantine(self, request: HttpRequest, queryset: QuerySet[SpotifyConnection]) -> None:
        for connection in queryset:
            connection.move_to(SpotifyConnection.State.APP_BLOCKED, reason="operator", now=timezone.now())
            self.log_change(request, connection, "Stopped by hand.")

    @admin.action(description=_("Let these work again"))
    def reactivate(self, request: HttpRequest, queryset: QuerySet[SpotifyConnection]) -> None:
        for connection in queryset.exclude(refresh_token_encrypted=""):
            SpotifyConnection.objects.filter(pk=connection.pk).update(grant_failed_at=None)
            connection.move_to(SpotifyConnection.State.ACTIVE, now=timezone.now())
            self.log_change(request, connection, "Set to work again by hand.")


@admin.register(ApiToken)
class ApiTokenDesk(ReadOnlyDesk):
    """Made by their people alone; the text is known to nobody, and its fingerprint is not shown."""

    list_display = ("name", "user", "prefix", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_select_related = ("user",)
    exact_fields = ("prefix", "user__username")
    fields = ("user", "name", "prefix", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at")
    ordering = ("-pk",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke these"), permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            keys.revoke(token=token, now=timezone.now())
            self.log_change(request, token, "Revoked by hand.")


@admin.register(Invitation)
class InvitationDesk(ReadOnlyDesk):
    """Made and withdrawn at /invitations/; the address itself is shown only there."""

    list_display = ("pk", "note", "created_by", "created_at", "expires_at", "used_by")
    list_select_related = ("created_by", "used_by")
    fields = ("note", "created_by", "created_at", "expires_at", "used_by")
    ordering = ("-pk",)


@admin.register(CallCount)
class CallCountDesk(ReadOnlyDesk):
    list_display = ("hour", "quota_group", "connection", "endpoint", "interactive", "calls", "failures")
    list_select_related = ("connection",)
    exact_fields = ("quota_group", "endpoint")
    ordering = ("-pk",)


@admin.register(Breaker)
class BreakerDesk(ReadOnlyDesk):
    list_display = ("key", "failures", "open_until", "last_error", "changed_at")
    exact_fields = ("key",)
    actions = ("close",)
    ordering = ("-changed_at",)

    @admin.action(description=_("Close, and let calls through"), permissions=["view"])
    def close(self, request: HttpRequest, queryset: QuerySet[Breaker]) -> None:
        queryset.update(failures=0, open_until=None, probing_until=None)


@admin.register(Notice)
class NoticeDesk(ReadOnlyDesk):
    list_display = ("kind", "user", "level", "text", "times", "repeated_at", "settled_at")
    list_select_related = ("user",)
    exact_fields = ("kind", "key", "user__username")
    ordering = ("-pk",)


@admin.register(Job)
class JobDesk(ReadOnlyDesk):
    list_display = ("pk", "kind", "owner", "state", "done", "total", "attempts", "created_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("owner",)
    exact_fields = ("kind", "key", "owner__username")
    ordering = ("-pk",)
    actions = ("stop",)

    @admin.action(description=_("Stop these"), permissions=["view"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset:
            jobs.cancel(job=job, now=timezone.now())
            self.log_change(request, job, "Stopped by hand.")
