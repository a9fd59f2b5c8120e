"""What is made of a person's listening here goes when they disconnect, and when they leave."""

from django.utils.translation import ngettext_lazy

from accounts.models import SpotifyConnection, User
from insights.models import ListeningSnapshot, SnapshotChoice

WORDS = {
    "listening snapshots": ngettext_lazy("%(count)s listening snapshot", "%(count)s listening snapshots", "n"),
}


def looking_back(*, user: User, connection: SpotifyConnection | None, dry_run: bool) -> dict[str, int]:
    """The eraser of `accounts.actions.depart`: see its protocol there.

    Plays do not tell through which account they were seen: with the last one that is connected, every snapshot goes
    that rests on such plays. Those of the person's own files stay.
    """
    rows = ListeningSnapshot.objects.of(user)
    if connection is not None:
        if user.connections.exclude(pk=connection.pk).checked().exists():
            return {}
        rows = rows.filter(from_spotify__gt=0)
    count = rows.count()
    if not dry_run:
        rows.delete()
        if connection is None:
            SnapshotChoice.objects.filter(user=user).delete()
    return {"listening snapshots": count}
