"""What the connections page says of polling."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import SpotifyConnection
from accounts.panels import Rows
from ingest.actions import poll
from ingest.models import PollState


def polling(connection: SpotifyConnection, now: datetime) -> Rows:
    """When Spotify was last asked for plays, what came, and when it is asked next."""
    state = PollState.objects.filter(connection=connection).first()
    if state is None:
        return []
    if not connection.has_scope(poll.SCOPE):
        return [(_("Last plays"), _("not allowed by you at Spotify; renew the consent to change that"))]
    rows: Rows = [(_("Last asked for plays"), state.polled_at or _("not yet"))]
    if connection in SpotifyConnection.objects.filter(pk=connection.pk).workable(now):
        rows.append((_("Next"), state.next_at if state.next_at > now else _("within a minute")))
    return rows
