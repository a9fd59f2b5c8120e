"""A person's Spotify accounts and apps, and what the calls were spent on."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import notices, panels, words
from accounts.access import PersonRequest, get_owned, require_form_methods
from accounts.actions import depart, hand_over
from accounts.forms import AppForm
from accounts.models import SpotifyApp, SpotifyConnection, User
from accounts.spotify import oauth, registration, report, tokens
from accounts.spotify.errors import SpotifyError
from accounts.spotify.problems import explain


@login_required
@require_safe
def connections(request: PersonRequest) -> HttpResponse:
    now = timezone.now()
    registration.from_settings()
    rows = list(_connections_of(request.user).select_related("app", "user"))
    apps = list(_apps_of(request.user).with_seats_used())
    fuses = report.open_breakers(rows, apps, now)
    shared = [app for app in apps if app.enabled]
    context = {
        "notices": notices.open_for(request.user)[:20],
        "connections": [_told(row, fuses, now) for row in rows],
        "apps": apps,
        "choices": shared if len(shared) > 1 else [],
        "groups": [_group_line(group) for group in _groups(request.user, now, details=False)],
        "accounts_service_until": fuses.get("accounts"),
        "redirect_uri": oauth.callback_url(request),
        "now": now,
    }
    return render(request, "accounts/connections.html", context)


@login_required
@require_safe
def calls(request: PersonRequest) -> HttpResponse:
    now = timezone.now()
    context = {"groups": [_group_page(group) for group in _groups(request.user, now, details=True)], "now": now}
    return render(request, "accounts/calls.html", context)


@login_required
@require_POST
def check(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask Spotify now whether this connection works: a new token, and who it belongs to."""
    connection = _connection(request.user, pk)
    now = timezone.now()
    if connection in hand_over.waiting():
        hand_over.check(connection_id=connection.pk, now=now)
        return redirect("accounts:connections")
    try:
        tokens.refresh_now(connection, now)
        connection.gateway(interactive=True).profile()
    except SpotifyError as exc:
        problem = explain(exc, connection.app, now)
        messages.error(request, f"{problem.title} {problem.todo}")
    else:
        messages.success(request, _("Spotify answered: %(name)s works.") % {"name": connection})
    return redirect("accounts:connections")


@login_required
@require_form_methods
def disconnect(request: PersonRequest, pk: int) -> HttpResponse:
    connection = _connection(request.user, pk)
    if request.method == "POST":
        name = str(connection)
        gone = depart.disconnect(connection=connection, now=timezone.now())
        messages.success(request, _("%(name)s is disconnected. Erased: %(gone)s.") % {"name": name, "gone": gone})
        return redirect("accounts:connections")
    counts = depart.preview(user=connection.user, connection=connection) if connection.user else depart.Gone()
    context = {"connection": connection, "gone": counts, "keeps_key": not request.user.has_usable_password()}
    return render(request, "accounts/disconnect.html", context)


@login_required
@require_form_methods
def app_add(request: PersonRequest) -> HttpResponse:
    form = AppForm(request.POST or None, user=request.user, initial={"name": request.user.get_short_name()})
    if request.method == "POST" and form.is_valid():
        app = form.save()
        messages.success(request, _("“%(app)s” is added. Connect your account through it now.") % {"app": app})
        return redirect("accounts:connections")
    return render(request, "accounts/app_form.html", {"form": form, "redirect_uri": oauth.callback_url(request)})


@login_required
@require_form_methods
def app_edit(request: PersonRequest, pk: int) -> HttpResponse:
    app = _app(request.user, pk)
    form = AppForm(request.POST or None, user=request.user, instance=app)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:connections")
    context = {"form": form, "app": app, "redirect_uri": oauth.callback_url(request)}
    return render(request, "accounts/app_form.html", context)


@login_required
@require_POST
def app_remove(request: PersonRequest, pk: int) -> HttpResponse:
    app = _app(request.user, pk)
    if app.connections.exists():
        messages.error(request, _("“%(app)s” is still in use: disconnect its accounts first.") % {"app": app})
    else:
        app.delete()
        messages.success(request, _("“%(app)s” is removed.") % {"app": app})
    return redirect("accounts:connections")


def _connections_of(user: User) -> QuerySet[SpotifyConnection]:
    """One's own; for operators the service accounts too."""
    mine = Q(user=user) | Q(user=None) if user.is_staff else Q(user=user)
    return SpotifyConnection.objects.filter(mine).order_by("user_id", "pk")


def _connection(user: User, pk: int) -> SpotifyConnection:
    """To change: one's own; for operators the service accounts too."""
    rows = SpotifyConnection.objects.select_related("app", "user")
    service = rows.filter(pk=pk, user=None).first() if user.is_staff else None
    return service or get_owned(user, rows, pk)


def _apps_of(user: User) -> Any:
    return SpotifyApp.objects.visible_to(user).order_by("owner_id", "pk")


def _app(user: User, pk: int) -> SpotifyApp:
    """To change: one's own; for operators the shared ones too."""
    shared = SpotifyApp.objects.filter(pk=pk, owner=None).first() if user.is_staff else None
    return shared or get_owned(user, SpotifyApp, pk, owner_field="owner")


def _told(connection: SpotifyConnection, fuses: dict[str, Any], now: Any) -> dict[str, Any]:
    return {
        "row": connection,
        "sentence": words.of_connection(connection),
        "scopes": [words.of_scope(scope) for scope in words.in_order(connection.scopes)],
        "days_left": max(0, connection.consent_left(now).days),
        "days_old": (now - connection.authorized_at).days,
        "fuse_until": fuses.get(f"connection:{connection.pk}") or fuses.get(f"app:{connection.app_id}"),
        "panel": panels.rows(connection, now),
    }


def _groups(user: User, now: Any, *, details: bool) -> list[report.GroupReport]:
    apps = sorted(_apps_of(user), key=lambda app: app.quota_group)
    grouped = [list(rows) for _group, rows in groupby(apps, key=lambda app: app.quota_group)]
    return [report.of_group(rows, now, person_names=details and _may_see_people(user, rows)) for rows in grouped]


def _may_see_people(user: User, apps: list[SpotifyApp]) -> bool:
    return bool(user.is_staff or all(app.owner_id == user.pk for app in apps))


def _group_line(group: report.GroupReport) -> dict[str, Any]:
    allowance = group.allowance
    return {
        "title": group.title,
        "allowance": allowance,
        "said": _("%(spent)s of %(limit)s calls")
        % {
            "spent": number_format(allowance.spent, force_grouping=True),
            "limit": number_format(allowance.limit, force_grouping=True),
        },
        "block": words.of_block(allowance.block_reason),
        "tone": "bad" if allowance.blocked_until or not allowance.left else "",
    }


def _group_page(group: report.GroupReport) -> dict[str, Any]:
    return _group_line(group) | {"report": group}
