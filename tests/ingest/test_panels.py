"""What a connection says of its polling."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from ingest.actions.poll import SCOPE
from ingest.models import PollState
from tests.factories.accounts import SpotifyConnectionFactory


def test_the_connections_page_says_when_spotify_was_and_will_be_asked(client, anna):
    connection = SpotifyConnectionFactory(user=anna, scopes=[SCOPE])
    now = timezone.now()
    PollState.objects.update_or_create(
        connection=connection, defaults={"polled_at": now - timedelta(minutes=3), "next_at": now + timedelta(minutes=9)}
    )
    client.force_login(anna)
    page = client.get(reverse("accounts:connections")).content.decode()
    assert "Last asked for plays" in page
    assert f"{now + timedelta(minutes=9):%H:%M}" in page


def test_a_dead_connection_names_no_next_time(client, anna):
    connection = SpotifyConnectionFactory(user=anna, state="reconnect", scopes=[SCOPE])
    PollState.objects.update_or_create(connection=connection, defaults={"next_at": timezone.now()})
    client.force_login(anna)
    page = client.get(reverse("accounts:connections")).content.decode()
    assert "Last asked for plays" in page
    assert "within a minute" not in page


def test_what_was_not_allowed_is_said(client, anna):
    connection = SpotifyConnectionFactory(user=anna, scopes=["user-library-read"])
    PollState.objects.update_or_create(connection=connection, defaults={"next_at": timezone.now()})
    client.force_login(anna)
    page = client.get(reverse("accounts:connections")).content.decode()
    assert "not allowed by you at Spotify" in page
    assert "Last asked for plays" not in page
