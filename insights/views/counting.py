"""What counts, and what is left out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import back
from accounts.access import PersonRequest, get_owned, require_form_methods
from ingest.actions import counting as choosing
from ingest.models import Counting, ListeningFilter
from insights.actions import counting
from insights.forms import CountingForm, HoursForm
from insights.views.asked import asked


@login_required
@require_form_methods
def rules(request: PersonRequest) -> HttpResponse:
    """The same range under every rule, and the person's choice among them: /counting/?range=all."""
    chosen = Counting.objects.filter(user=request.user).first() or Counting(user=request.user)
    # A failed check writes into its instance: the figures must not follow it.
    form = CountingForm(request.POST or None, instance=Counting(**_fields(chosen)))
    if request.method == "POST" and form.is_valid():
        choosing.choose(user=request.user, choices=form.cleaned_data)
        messages.success(request, _("Every figure now counts this way."))
        return redirect(request.get_full_path())
    ask = asked(request)
    context = {
        "asked": ask,
        "period": ask.period,
        "rules": counting.side_by_side(ask.reading, ask.period, chosen),
        "left_out": counting.left_out(request.user),
        "form": form,
        "hours": HoursForm(),
    }
    return render(request, "insights/counting.html", context, status=400 if form.errors else ask.status)


@login_required
@require_POST
def leave_out(request: PersonRequest) -> HttpResponse:
    """Leave one thing (`kind`, `value`) or hours (`first`, `last`) out of every figure, then go back to `next`."""
    try:
        if request.POST.get("kind") == ListeningFilter.Kind.HOURS:
            form = HoursForm(request.POST)
            if not form.is_valid():
                raise Http404
            choosing.leave_out_hours(user=request.user, **form.cleaned_data)
        else:
            told = request.POST.get("value", "")
            value = int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0
            choosing.leave_out(user=request.user, kind=request.POST.get("kind", ""), value=value)
    except choosing.NotHeard:
        raise Http404 from None
    except choosing.BadHours:
        messages.error(request, _("Choose some hours, not none and not the whole day. Nothing was changed."))
        return back.to(request, reverse("insights:counting"))
    messages.success(request, _("Left out of every figure, past and to come. Take it back whenever you like."))
    return back.to(request, reverse("insights:counting"))


@login_required
@require_POST
def take_back(request: PersonRequest, pk: int) -> HttpResponse:
    """Count again what one filter left out."""
    choosing.take_back(row=get_owned(request.user, ListeningFilter, pk))
    messages.success(request, _("It counts again."))
    return back.to(request, reverse("insights:counting"))


def _fields(chosen: Counting) -> dict[str, object]:
    return {field.attname: getattr(chosen, field.attname) for field in Counting._meta.concrete_fields}
