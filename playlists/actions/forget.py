"""What disconnecting and leaving erase of playlists."""

from django.utils.translation import ngettext_lazy

from accounts.actions.depart import Counts
from accounts.models import SpotifyConnection, User
from playlists.actions import schedule_news
from playlists.models import Playlist, Schedule, SyncRun

WORDS = {
    "playlists written by Vibesite": ngettext_lazy(
        "%(count)s playlist written by Vibesite", "%(count)s playlists written by Vibesite", "n"
    ),
    "records of their syncs": ngettext_lazy("%(count)s record of their syncs", "%(count)s records of their syncs", "n"),
    "rules": ngettext_lazy("%(count)s rule", "%(count)s rules", "n"),
}


def playlists(*, user: User, connection: SpotifyConnection | None, dry_run: bool) -> Counts:
    """The lists as Spotify held them go with the connection, and so do the playlists' rows: at Spotify they stay."""
    own = Playlist.objects.of(user)
    own = own if connection is None else own.filter(connection=connection)
    runs = SyncRun.objects.filter(playlist__in=own)
    counts = {"playlists written by Vibesite": own.count(), "records of their syncs": runs.count()}
    if not dry_run:
        own.delete()
        schedule_news.let_go(Schedule.objects.of(user))
    return counts
