"""People, Spotify apps, connections, jobs and tokens to start a test from."""

from datetime import UTC, datetime

import factory
from django.utils import timezone

from accounts import keys
from accounts.models import Job, SpotifyApp, SpotifyConnection, User

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    password = factory.django.Password("a-long-pass-phrase")
    time_zone_is_known = True


class SpotifyAppFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SpotifyApp

    name = factory.Sequence(lambda n: f"App {n}")
    client_id = factory.Sequence(lambda n: f"client-{n}")
    quota_group = factory.Sequence(lambda n: f"developer-{n}")


class SpotifyConnectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SpotifyConnection

    user = factory.SubFactory(UserFactory)
    app = factory.SubFactory(SpotifyAppFactory)
    account_id = factory.Sequence(lambda n: f"account-{n}")
    spotify_user_id = factory.Sequence(lambda n: f"listener{n}")
    display_name = factory.Sequence(lambda n: f"Listener {n}")
    authorized_at = NOON
    state_at = NOON


class JobFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Job

    kind = "rehearsal"
    owner = factory.SubFactory(UserFactory)


def bearer(user: User, *scopes: str) -> dict[str, str]:
    """The header of a program with a token of that person, which may read unless told otherwise."""
    _token, text = keys.make(user=user, name="test", scopes=scopes or ["read"], now=timezone.now())
    return {"HTTP_AUTHORIZATION": f"Bearer {text}"}
