"""Invitations, and (in debug) the mails that were written to files."""

import email
import email.policy
from pathlib import Path
from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import invitations
from accounts import notices as told
from accounts.access import PersonRequest, operator_required, require_form_methods
from accounts.forms import InvitationForm
from accounts.models import Invitation, SpotifyApp
from accounts.spotify import registration

MAILS = 50  # newest first; the page is for developers


class SignInView(LoginView):
    """allauth's, told which Spotify apps there are to choose from and whether one may sign up."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        registration.from_settings()
        apps = list(SpotifyApp.objects.usable().shared())
        return super().get_context_data(**kwargs) | {
            "apps": apps if len(apps) > 1 else [],
            "has_spotify": bool(apps),
            "may_sign_up": invitations.may_sign_up(self.request, now=timezone.now()),
        }


@operator_required
@require_form_methods
def invitation_list(request: PersonRequest) -> HttpResponse:
    now = timezone.now()
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        invitations.create(by=request.user, note=form.cleaned_data["note"], now=now)
        messages.success(request, _("The invitation is ready: copy its address."))
        return redirect("accounts:invitation-list")
    rows = Invitation.objects.select_related("used_by", "created_by").order_by("-pk")[:200]
    links = [(row, request.build_absolute_uri(reverse("accounts:invitation", args=[row.token]))) for row in rows]
    context = {"form": form, "links": links, "now": now, "sign_up": settings.SIGN_UP}
    return render(request, "accounts/invitations.html", context)


@operator_required
@require_POST
def invitation_revoke(request: PersonRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Invitation, pk=pk, used_by=None)
    row.delete()
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("accounts:invitation-list")


@require_form_methods
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invited person opens first: remembers the invitation for this browser."""
    if request.user.is_authenticated:
        return redirect("home")
    row = invitations.find(token, now=timezone.now())
    if row is None:
        return render(request, "accounts/invitation_void.html", status=404)
    request.session[invitations.SESSION_KEY] = row.token
    return redirect("account_signup")


@login_required
@require_POST
def notice_settle(request: PersonRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(told.open_for(request.user), pk=pk)
    row.settled_at = timezone.now()
    row.save(update_fields=["settled_at"])
    return redirect("accounts:connections")


@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """Mails written to files instead of sent. Debug only: they may hold links that sign people in."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if not settings.DEBUG or not folder:
        raise Http404
    if not Path(folder).is_dir():
        return render(request, "accounts/mail.html", {"mails": [], "folder": folder})
    files = sorted(Path(folder).glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)[:MAILS]
    return render(request, "accounts/mail.html", {"mails": [_read(path) for path in files], "folder": folder})


def _read(path: Path) -> dict[str, str]:
    """One file may hold several mails of one run, each ended by a ruler."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    return {
        "subject": str(message["subject"] or ""),
        "to": str(message["to"] or ""),
        "date": str(message["date"] or ""),
        "text": body.get_content().strip().strip("-").strip() if body else "",
    }
