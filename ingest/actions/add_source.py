"""Sources that a person adds, and takes away again."""

import re
from collections.abc import Collection
from urllib.parse import unquote

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import SpotifyConnection, User
from ingest import derived
from ingest.models import SourceTrack, TrackSource

Kind = TrackSource.Kind
_ALBUM = re.compile(
    r"(?:spotify:album:|spotify\.com/(?:intl-[\w-]+/)?(?:embed/)?album/|^)([0-9A-Za-z]{22})(?![0-9A-Za-z])"
)


class Refused(ValueError):
    """It cannot be added; the text says why, and what to do."""


def album(*, connection: SpotifyConnection, link: str) -> TrackSource:
    """The album that a link, URI or id names; the one that is there already. Raises Refused."""
    found = _ALBUM.search(unquote(link).strip())
    if found is None:
        raise Refused(
            _("That is no link to an album. In Spotify choose Share, then “Copy album link”, and paste that.")
        )
    return _once(connection, Kind.ALBUM, found[1])


def saved_albums(*, connection: SpotifyConnection) -> TrackSource:
    """All albums that the account keeps, as one source."""
    return _once(connection, Kind.ALBUMS, "")


def _once(connection: SpotifyConnection, kind: str, spotify_id: str) -> TrackSource:
    source, _made = TrackSource.objects.get_or_create(
        user=connection.user,
        connection=connection,
        kind=kind,
        spotify_id=spotify_id,
        defaults={"included": True},
    )
    return source


def computed(*, user: User, kind: str, asked: str) -> TrackSource:
    """Top, recent or forgotten tracks, or a rule's result; the one that is there already. Raises Refused."""
    name = {each[:2]: each[2] for each in derived.choices(user)}.get((kind, asked))
    if name is None:
        raise Refused(_("There is no such choice any more. Choose again."))
    if reason := derived.maker(kind).why_not(user, asked, name):
        raise Refused(reason)
    source, _made = TrackSource.objects.get_or_create(
        user=user, kind=kind, asked=asked, defaults={"name": name[:200], "included": True}
    )
    return source


def include(*, user: User, chosen: Collection[int], shown: Collection[int]) -> None:
    """Switch the chosen sources of the person on, and those off that were shown beside them.

    What was not shown stays as it is: it was added since, or its switch was locked.
    """
    mine = TrackSource.objects.of(user)
    with transaction.atomic():
        switches = dict(mine.values_list("pk", "included"))
        on = [pk for pk in {*chosen} if switches.get(pk) is False]
        off = [pk for pk in {*shown} - {*chosen} if switches.get(pk)]
        mine.filter(pk__in=on).update(included=True)
        mine.filter(pk__in=off).update(included=False)


def remove(*, source: TrackSource) -> None:
    """Take away what the person added here. Likes and playlists leave by themselves when they leave at Spotify."""
    if not source.is_own:
        raise Refused(_("Likes and playlists are taken from Spotify; remove them there."))
    with transaction.atomic():
        # A fetch that is storing goes first: what it adds would be seen by nobody here, and hold the source.
        TrackSource.objects.select_for_update().filter(pk=source.pk).first()
        SourceTrack.objects.filter(source=source).delete()
        source.delete()
