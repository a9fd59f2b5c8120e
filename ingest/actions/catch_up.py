"""The newest plays of one person, fetched now because something is about to be made of them."""

from datetime import datetime

from accounts.models import User
from ingest.actions import poll
from ingest.models import PollState


def newest_plays(*, user: User, now: datetime) -> int:
    """Ask Spotify for each of the person's accounts that was not asked in the last minutes; the number of new plays.

    A token that has ended is refreshed first. What Spotify or the budget refuses is noted with the polls, not raised:
    what is known already is still there.
    """
    recently = now - poll.JUST_NOW
    states = PollState.objects.filter(connection__user=user, connection__in=poll.pollable()).exclude(
        polled_at__gt=recently
    )
    due = states.filter(stopped_for="").order_by("pk").values_list("pk", flat=True)
    return sum(poll.run(connection_id=pk, claim=None, now=now) for pk in due)
