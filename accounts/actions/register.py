"""People that a program registers by their Spotify account, before they have ever been here."""

from datetime import datetime, timedelta

from allauth.account.utils import user_username
from allauth.socialaccount.models import SocialAccount
from allauth.utils import generate_unique_username
from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import Registration, SpotifyConnection, User
from accounts.spotify import oauth

A_DAY = 20  # registrations of one person who is no operator


class Refused(Exception):
    """Nobody was registered. `status` is the HTTP status that says so."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


def person(*, by: User, spotify_user_id: str, display_name: str, now: datetime) -> tuple[User, bool]:
    """The person of this Spotify account, and whether they are new. The same again gives the same person.

    Only whom the caller registered, or is, is given back: somebody else's account is answered as taken. Raises Refused.
    """
    for _attempt in range(2):  # the second finds whom another worker made meanwhile
        found = _known(spotify_user_id)
        if found is not None:
            if found == by or Registration.objects.filter(user=found, by=by).exists():
                return found, False
            raise Refused(409, "This Spotify account belongs to somebody here already.")
        _check(by, now)
        try:
            with transaction.atomic():
                return _make(by, spotify_user_id, display_name, now), True
        except IntegrityError:
            continue
    raise Refused(503, "Somebody else is registering the same account. Try again.")


def _known(spotify_user_id: str) -> User | None:
    account = SocialAccount.objects.filter(provider=oauth.PROVIDER, uid=spotify_user_id).select_related("user").first()
    if account is not None:
        return account.user
    rows = SpotifyConnection.objects.filter(spotify_user_id=spotify_user_id, user__isnull=False)
    connection = rows.checked().select_related("user").first()
    return connection.user if connection else None


def _check(by: User, now: datetime) -> None:
    if by.is_staff:
        return
    if settings.SIGN_UP != "open":
        raise Refused(403, "Sign-up is not open here: only operators may register people.")
    if Registration.objects.filter(by=by, created_at__gt=now - timedelta(days=1)).count() >= A_DAY:
        raise Refused(429, f"You registered {A_DAY} people within a day. Go on tomorrow.")


def _make(by: User, spotify_user_id: str, display_name: str, now: datetime) -> User:
    """A person with no password: their Spotify account is the only key, as soon as they sign in with it."""
    user = User(first_name=display_name[:150])
    user_username(user, generate_unique_username([display_name, spotify_user_id, "listener"]))
    user.set_unusable_password()
    user.save()
    # Signing in with Spotify looks for the account's lasting id, and finds it by the profile's id where marked so.
    SocialAccount.objects.create(
        user=user, provider=oauth.PROVIDER, uid=spotify_user_id, extra_data={"linked_by": "id"}
    )
    Registration.objects.create(user=user, by=by, created_at=now)
    return user


def in_care_of(by: User, user_id: int) -> User | None:
    """Oneself, or whom one registered, as long as they have not signed in themselves; None for everybody else."""
    if user_id == by.pk:
        return by
    return User.objects.filter(pk=user_id, registration__by=by, last_login=None, is_active=True).first()


def spotify_id_of(user: User) -> str:
    """The Spotify account that a person is known by, as far as one is; empty else."""
    connection = user.connections.order_by("-authorized_at").first()
    if connection is not None:
        return connection.spotify_user_id
    account = SocialAccount.objects.filter(user=user, provider=oauth.PROVIDER).first()
    return str(account.uid) if account else ""
