"""Forgotten favourites as a source of tracks: the same that the page of that name tells."""

from django.utils.translation import gettext as _

from accounts.models import User
from ingest import derived
from ingest.models import TrackSource
from insights.analysis import keydays, rediscoveries

MOST = 1_000


def tracks(question: derived.Question) -> list[int]:
    """Most plays first."""
    found = rediscoveries.forgotten(
        keydays.of(question.heard, "tracks"), today=question.today, silence_days=int(question.asked), size=MOST
    )
    return [row.key for row in found.rows]


def choices(user: User) -> list[tuple[str, str]]:
    return [
        (str(rediscoveries.SILENCE_DAYS), _("Favourites not heard for half a year")),
        ("365", _("Favourites not heard for a year")),
    ]


def register() -> None:
    derived.register(TrackSource.Kind.FORGOTTEN, derived.Maker(tracks, choices))
