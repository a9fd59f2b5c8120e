"""What a button does to a rule: plan its playlist, schedule it, copy it, switch it, delete it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest, get_owned
from playlists.actions import rule_sets, rules, schedules, shared
from playlists.actions.rule_sets import DELETED
from playlists.forms_schedule import OFF, ScheduleForm
from playlists.library import Library
from playlists.models import Rule, Schedule
from playlists.rule_sets import load
from playlists.views import planning


@login_required
@require_POST
def act(request: PersonRequest, pk: int) -> HttpResponse:
    """Plan its playlist, duplicate, delete, or switch on and off."""
    rule = get_owned(request.user, Rule.objects.select_related("user", "playlist", "schedule"), pk)
    do = request.POST.get("do", "")
    if do == "duplicate":
        copy = rules.duplicate(rule=rule, name=_("%(name)s (copy)") % {"name": rule.name})
        return redirect("playlists:rule", copy.pk)
    if do == "write":
        return _write(request, rule)
    if do == "delete":
        _delete(request, rule)
    elif do == "switch":
        rules.switch(rule=rule, on=not rule.is_enabled)
    return redirect("playlists:rules")


def _delete(request: PersonRequest, rule: Rule) -> None:
    try:
        request.session[DELETED] = rule_sets.delete(rule=rule, now=timezone.now())
    except rule_sets.InUse as exc:
        told = {"name": rule.name, "others": ", ".join(other.name for other in exc.by)}
        words = _("“%(name)s” is not deleted, as other rules ask it: %(others)s. Take it out of them first.")
        messages.error(request, words % told)


@login_required
@require_POST
def restore(request: PersonRequest) -> HttpResponse:
    """Bring back the rule that was deleted last, with its schedule."""
    kept = request.session.pop(DELETED, None)
    if kept is not None:
        rule_sets.take_in(user=request.user, sets=[load(kept)], replace=False, now=timezone.now())
        messages.success(request, _("“%(name)s” is back.") % {"name": kept["name"]})
    return redirect("playlists:rules")


def _write(request: PersonRequest, rule: Rule) -> HttpResponse:
    """Plan the rule's playlist (made here, if it has none yet) and show the plan; nothing is written by it."""
    now = timezone.now()
    wanted = shared.fill(shared.rules_for(rule), Library(request.user, now=now)).draft.uris()
    return planning.to_run(request, lambda: rules.plan(rule=rule, wanted=wanted, now=now)) or redirect(
        "playlists:rule-preview", rule.pk
    )


@login_required
@require_POST
def schedule(request: PersonRequest, pk: int) -> HttpResponse:
    """Write it by itself, or no more."""
    rule = get_owned(request.user, Rule.objects.select_related("user", "playlist"), pk)
    form = ScheduleForm(request.POST, schedule=Schedule.objects.filter(rule=rule).first())
    now = timezone.now()
    if not form.is_valid():
        messages.error(request, _("Choose when it is to be written. Nothing was changed."))
    elif form.cleaned_data["kind"] == OFF:
        schedules.drop(rule=rule, now=now)
        messages.success(request, _("“%(name)s” is written only when you say so.") % {"name": rule.name})
    else:
        kept = schedules.keep(rule=rule, now=now, **form.words())
        messages.success(request, _("“%(name)s” is written by itself from now on.") % {"name": rule.name})
        if kept.rule.playlist is None or kept.rule.playlist.connection is None:
            messages.warning(request, _("No Spotify account is connected that could be written to. Connect one first."))
    return redirect("playlists:rule-preview", rule.pk)
