"""All that is known of one play: who told of it and what, and what it was heard on and from."""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from ingest import contexts, reasons
from ingest.lens import Reading
from ingest.models import HandPlay, MergedPlay, Play, Word
from ingest.reconcile import DETAILS


@dataclass(frozen=True, slots=True)
class PlayFacts:
    """Words are empty where nobody told them. `others` told of the same listening; `gave` says what they filled in."""

    platform: Word | None
    context: contexts.Context | None
    began: str
    ended: str
    switches: list[str]  # what was on: shuffle, offline, private session
    others: list[MergedPlay]
    word: HandPlay | None  # the person's own, that can be undone
    counts: bool
    skipped: bool
    hidden: bool


def of(play: Play, reading: Reading) -> PlayFacts:
    """A handful of queries."""
    words = Word.objects.in_bulk({getattr(play, name) for name in DETAILS[:5]} - {0})
    named = contexts.named(reading.user, [play.context]) if play.context else {}
    place = np.flatnonzero(reading.plays.id == play.pk)
    heard = reading.heard(among=place)
    on = {"shuffle": _("shuffle"), "offline": _("offline"), "incognito": _("private session")}
    its = {"track": play.track_id, "started_at": play.started_at, "ms_played": play.ms_played}
    own = HandPlay.objects.filter(user=reading.user, **its).standing().order_by("-id")
    return PlayFacts(
        platform=words.get(play.platform),
        context=named.get(play.context),
        began=reasons.said(reasons.BEGAN, words[play.reason_start].text) if play.reason_start in words else "",
        ended=reasons.said(reasons.ENDED, words[play.reason_end].text) if play.reason_end in words else "",
        switches=[said for name, said in on.items() if getattr(play, name)],
        others=list(MergedPlay.objects.filter(play=play).select_related("track").order_by("-origin", "started_at")),
        word=own.select_related("was_track").first() if play.origin == Play.Origin.HAND else None,
        counts=bool(heard.counts.any()),
        skipped=bool(heard.skips.any()),
        hidden=bool(np.isin(place, reading.hidden).any()),
    )


def most_heard(reading: Reading, text: str, size: int) -> list[int]:
    """Tracks of the person with all these words, most plays first."""
    places = np.flatnonzero(reading.rack.matching(text))
    plays = np.bincount(reading.place, minlength=reading.rack.track.size)
    order = places[np.lexsort((places, -plays[places]))][:size]
    return [int(key) for key in reading.rack.track[order]]
