"""The classic build, in one click: a list of everything, one a mood, and genres and years if chosen."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import PersonRequest, require_form_methods
from playlists import at_hand
from playlists.actions import classic as build
from playlists.models import Rule


@login_required
@require_form_methods
def classic(request: PersonRequest) -> HttpResponse:
    """What would be made; a POST makes it. Nothing is written to Spotify."""
    asked = request.POST if request.method == "POST" else request.GET
    sorts = ["mood", *(sort for sort in ("genre", "year") if sort in asked)]
    wanted = build.lists(at_hand.library(request.user, now=timezone.now()), sorts)
    if request.method == "POST" and request.POST.get("do") == "make":
        made = build.make(user=request.user, wanted=wanted)
        told = ngettext("%(made)d rule was made.", "%(made)d rules were made.", made) % {"made": made}
        messages.success(request, told if made else _("They are all here already."))
        return redirect("playlists:rules")
    keys = [each.key for each in wanted]
    here = set(Rule.objects.of(request.user).filter(key__in=keys).values_list("key", flat=True))
    context = {"wanted": [(each, each.key in here) for each in wanted], "sorts": sorts}
    return render(request, "playlists/rule_classic.html", context)
