"""All rules that are switched on, side by side: what each would put into its playlist."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from playlists import at_hand
from playlists.actions import preview
from playlists.models import Rule

PAGE, FIRST = 24, 4  # cards of a page, tracks of a card


@login_required
@require_safe
def cards(request: PersonRequest) -> HttpResponse:
    found = list(Rule.objects.of(request.user).enabled().select_related("playlist"))
    asked = request.GET.get("page", "1")
    pages = max(1, -(-len(found) // PAGE))
    page = min(pages, max(1, int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1))
    library = at_hand.library(request.user, now=timezone.now())
    shown = found[(page - 1) * PAGE : page * PAGE]
    drafts = [preview.of_rule(rule=rule, library=library) for rule in shown]
    named = preview.named([pk for draft in drafts for pk in draft.track_ids[:FIRST]])
    context = {
        "cards": [
            (rule, draft, [named[pk] for pk in draft.track_ids[:FIRST] if pk in named])
            for rule, draft in zip(shown, drafts, strict=True)
        ],
        "newer": f"?page={page - 1}" if page > 1 else "",
        "older": f"?page={page + 1}" if page < pages else "",
    }
    return render(request, "playlists/rule_cards.html", context)
