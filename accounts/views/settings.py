"""A person's own settings, and the way out."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import jobs, jobs_depart
from accounts.access import PersonRequest, require_form_methods
from accounts.actions import depart
from accounts.forms import LeaveForm, SettingsForm, ZoneForm


@login_required
@require_form_methods
def settings(request: PersonRequest) -> HttpResponse:
    form = SettingsForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        with translation.override(user.language or translation.get_language()):
            messages.success(request, _("Saved."))
        return redirect("accounts:settings")
    if request.method == "POST":
        request.user.refresh_from_db()  # the shell must not show what was refused
    return render(request, "accounts/settings.html", {"form": form})


@login_required
@require_POST
def clock(request: PersonRequest) -> HttpResponse:
    """Take the person's time zone, from their browser or their hand, unless they have said it before."""
    if not request.user.time_zone_is_known:
        form = ZoneForm(request.POST, instance=request.user)
        if form.is_valid():
            form.save()
        else:
            request.user.refresh_from_db()
            messages.error(request, _("That is not a time zone we know. Choose yours here."))
            context = {"form": SettingsForm(instance=request.user)}
            return render(request, "accounts/settings.html", context, status=400)
    return redirect("home")


@login_required
@require_form_methods
def leave(request: PersonRequest) -> HttpResponse:
    """Delete everything about oneself: out at once, the rows follow in a job."""
    user = request.user
    form = LeaveForm(request.POST or None, user=user)
    gone = depart.preview(user=user, connection=None)
    if request.method == "POST" and form.is_valid():
        depart.leave(user=user, now=timezone.now())
        jobs.start(jobs_depart.KIND, owner=None, parameters={"user_id": user.pk}, key=str(user.pk))
        logout(request)
        return render(request, "accounts/left.html", {"gone": gone})
    context = {"form": form, "gone": gone, "connections": user.connections.all()}
    return render(request, "accounts/leave.html", context)
