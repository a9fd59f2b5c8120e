"""How it sounds."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from insights.actions.sound import Sound
from insights.actions.sound_words import MOODS
from insights.actions.stretch import Stretch
from insights.analysis import diversity, hipster
from insights.views.asked import asked


@login_required
@require_safe
def sounds(request: PersonRequest) -> HttpResponse:
    """Features, moods, genres, diversity and the hipster score of a range: /sound/?range=1y&mood=calm."""
    ask = asked(request)
    sound = Sound(Stretch(ask.reading, ask.period), timezone.localdate())
    mood = request.GET.get("mood", "")
    mood = mood if mood in MOODS else max(sound.moods.plays, key=sound.moods.plays.__getitem__)
    context = {
        "asked": ask,
        "period": ask.period,
        "sound": sound,
        "mood": MOODS[mood],
        "examples": sound.examples(mood),
        "least": hipster.LEAST,
        "artists_full": diversity.ARTISTS,
    }
    return render(request, "insights/sound.html", context, status=ask.status)
