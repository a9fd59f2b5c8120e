"""What begins when a Spotify account is connected: its plays are polled at once, its library is read."""

from datetime import datetime

from accounts.models import SpotifyConnection
from ingest.actions import player, poll, pull


def connected(*, connection: SpotifyConnection, is_new: bool, now: datetime) -> None:
    """Called after the commit of a new or renewed consent; signing in again comes here too, and costs little."""
    if connection.user is None:
        return  # a service account writes; nobody listens there
    player.forget(connection.user.pk)
    poll.begin(connection=connection, now=now)
    if pull.is_due(connection=connection, now=now):
        pull.start(connection=connection)
    from ingest.tasks import plan_polls

    plan_polls.apply_async(queue="live")
