"""What a person does with tracks that they chose: say something of them, take it back, ask a provider about them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import back
from accounts.access import PersonRequest, get_owned
from ingest import own
from ingest.actions import ask, label, label_job
from ingest.collection import chosen, rows
from ingest.models import FactAct, Track
from ingest.providers import registry
from ingest.views.track_facts import LabelForm, act_made

NAMED = 5  # tracks that the page of the chosen ones names


@login_required
@require_safe
def chosen_tracks(request: PersonRequest) -> HttpResponse:
    """What can be done with the chosen tracks: say something of them, or ask a provider; how many each would be."""
    return _chosen_page(request, rows.of(request.user), LabelForm())


def _chosen_page(request: PersonRequest, collection: rows.Collection, form: LabelForm) -> HttpResponse:
    told = request.POST if request.method == "POST" else request.GET
    found = chosen.of(told, collection)
    tracks = found.tracks(collection)
    names = Track.objects.select_related("artist", "album").in_bulk(tracks[:NAMED])
    context = {
        "chosen": found,
        "count": len(tracks),
        "named": [names[pk] for pk in tracks[:NAMED] if pk in names],
        "more": max(0, len(tracks) - NAMED),
        "form": form,
        "offers": ask.offers(tracks, timezone.now()),
        "back": f"{reverse('ingest:tracks')}{found.asked.given()}",
    }
    return render(request, "ingest/tracks_chosen.html", context, status=422 if form.problem else 200)


@login_required
@require_POST
def say(request: PersonRequest) -> HttpResponse:
    """Say something of the chosen tracks, or (`do=take-back`) take a word back; back to where it was said."""
    told, collection = request.POST, rows.of(request.user)
    form = LabelForm(told.get("field", ""), told.get("key", ""), told.get("value", ""))
    try:
        name = own.field_of(form.key.strip() or form.field)
        value = None if told.get("do") == "take-back" else own.value_of(name, form.value)
    except own.BadFact as exc:
        form.problem = str(exc)
        return _chosen_page(request, collection, form)
    found = chosen.of(told, collection)
    versions, count, now = collection.versions(found.rows).tolist(), len(found.rows), timezone.now()
    otherwise = f"{reverse('ingest:tracks')}{found.asked.given()}"
    if len(versions) > label_job.AT_ONCE:
        wish: dict[str, Any] = {"tracks": versions, "chosen": count, "field": name, "value": value}
        try:
            return back.to(request, otherwise, undo=label_job.start(user=request.user, now=now, **wish).pk)
        except label_job.Busy:
            messages.error(request, _still_busy())
            return back.to(request, otherwise)
    act = label.say(user=request.user, tracks=versions, field=name, value=value, now=now)
    if act is None:
        messages.info(request, _("Nothing was changed: it was so before."))
        return back.to(request, otherwise, undo="")
    messages.success(request, label_job.said(count, taken_back=value is None))
    return back.to(request, otherwise, undo=act.pk)


def _still_busy() -> str:
    return _("Nothing was changed: your last word on many tracks is still being written. Say it when that is done.")


@login_required
@require_POST
def take_back(request: PersonRequest, pk: int) -> HttpResponse:
    """Undo one act as a whole."""
    act = get_owned(request.user, FactAct.objects.defer("wanted").select_related("user"), pk)
    if act.tracks > label_job.AT_ONCE or (act.job and act.job.is_open):
        return _take_back_many(request, act)
    count = label.undo(user=request.user, act=act, now=timezone.now())
    if count:
        messages.success(request, _("Undone. It is as it was said before."))
    else:
        messages.info(request, _("There was nothing left to undo: you said something else since, or undid it before."))
    return back.to(request, reverse("ingest:tracks"), undo="")


def _take_back_many(request: PersonRequest, act: FactAct) -> HttpResponse:
    try:
        if label_job.start_undo(act=act, now=timezone.now()):
            return back.to(request, reverse("ingest:tracks"), undo=act.pk)
        messages.info(request, _("There was nothing left to undo: you said something else since, or undid it before."))
    except label_job.Busy:
        messages.error(request, _still_busy())
    return back.to(request, reverse("ingest:tracks"))


@login_required
@require_safe
def said(request: PersonRequest, pk: int) -> HttpResponse:
    """How far one act is that a job writes: the part of a page that asks for itself anew, and then can undo it."""
    get_owned(request.user, FactAct.objects.defer("wanted"), pk)
    given = request.GET.copy()
    given["undo"] = str(pk)
    context = {"act": act_made(request.user, given), "here": given.get("here", "")}
    return render(request, "ingest/_undo_said.html", context)


@login_required
@require_POST
def ask_provider(request: PersonRequest) -> HttpResponse:
    """Ask one provider about the chosen tracks; the job shows how far it is."""
    collection = rows.of(request.user)
    provider = registry.BY_NAME.get(request.POST.get("provider", ""))
    if provider is None or provider not in [offer.provider for offer in ask.offers([], timezone.now())]:
        raise Http404
    found = chosen.of(request.POST, collection)
    again = request.POST.get("again") == "1"
    tracks = found.tracks(collection)
    job = ask.start(user=request.user, provider=provider, tracks=tracks, again=again, now=timezone.now())
    if job is None:
        messages.info(request, _("There is nothing to ask: it was asked about all of them, or needs facts they lack."))
        return back.to(request, f"{reverse('ingest:tracks')}{found.asked.given()}", undo="")
    return redirect("accounts:job", job.pk)
