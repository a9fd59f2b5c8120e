"""Where a storm takes place: persons, songs and words, made once; and a browser for a process."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.test.client import ClientHandler

from accounts.models import User
from tests.bench.storm import draw

HANDLER = ClientHandler(enforce_csrf_checks=False)  # its middleware is loaded before the processes fork


@dataclass(frozen=True)
class Stage:
    people: list[int]
    cookies: list[str]
    tokens: list[str]  # for programs, one for each person
    tracks: list[int]  # the songs', then their twins'
    pairs: list[int]  # a `RecordingCandidate` for each pair of twins
    words: dict[str, int]
    operator: int

    def user(self, person: int) -> User:
        return User.objects.get(pk=self.people[person])

    def browser(self, person: int | None = None) -> Any:
        """Signed in as a person; without one, a program's. Its address is new, so that nobody asks too often."""
        from django.conf import settings
        from django.test import Client

        client = Client(REMOTE_ADDR=f"10.{'.'.join(map(str, os.urandom(3)))}")
        client.handler = HANDLER
        if person is not None:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[person]
        return client


def load(path: Path) -> Stage:
    return Stage(**json.loads(path.read_text()))


def make(path: Path, people: int) -> None:
    """Fill an empty database."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    from django.utils import timezone

    from accounts import keys
    from ingest.actions import catalogue
    from ingest.evidence import WordKind
    from ingest.models import RecordingCandidate

    now = timezone.now()
    users = [User.objects.create_user(f"storm{number}", time_zone_is_known=True) for number in range(people)]
    operator = User.objects.create_user("operator", is_staff=True)
    found = catalogue.tracks([song(number, 200_000) for number in range(draw.TRACKS)], now)
    tracks = [found[spotify_id(number)] for number in range(draw.TRACKS)]
    pairs = [sorted((tracks[number], tracks[draw.SONGS + number])) for number in range(draw.TWINS)]
    words = catalogue.words(WordKind.PLATFORM, [draw.PLATFORM]) | catalogue.words(WordKind.REASON, [draw.REASON])
    candidates = [
        RecordingCandidate.objects.create(first_id=first, second_id=second, found_at=now, state="apart")
        for first, second in pairs
    ]
    stage = Stage(
        people=[user.pk for user in users],
        cookies=[_signed_in(user) for user in users],
        tokens=[keys.make(user=user, name="storm", scopes=["submit", "read"], now=now)[1] for user in users],
        tracks=tracks,
        pairs=[pair.pk for pair in candidates],
        words=words,
        operator=operator.pk,
    )
    path.write_text(json.dumps(asdict(stage)))


def spotify_id(number: int) -> str:
    return f"Storm{number:017}"


def song(number: int, duration_ms: int) -> Any:
    """Spotify's word on a track. Twins have another title, so that nothing joins them but an operator."""
    from accounts.spotify.payloads import AlbumPayload, ArtistPayload, TrackPayload

    of = number if number < draw.SONGS else number - draw.SONGS
    artist = ArtistPayload(id=f"Artist{of % 3:016}", name=f"Artist {of % 3}")
    title = f"Song{of} Night" if number < draw.SONGS else f"Morning Song{of} Live"
    album = {"id": f"Album{number:017}", "name": f"Album {number}", "artists": [artist], "release_date": "2001-01-01"}
    told: dict[str, Any] = dict.fromkeys(TrackPayload.__struct_fields__)
    told |= {"id": spotify_id(number), "uri": f"spotify:track:{spotify_id(number)}", "name": title}
    told |= {"duration_ms": duration_ms, "explicit": False, "is_local": False, "artists": [artist]}
    blank = {"album_type": "album", "total_tracks": 1, "image_url": ""}
    told["album"] = AlbumPayload(**{name: (blank | album).get(name) for name in AlbumPayload.__struct_fields__})
    return TrackPayload(**told)


def _signed_in(user: User) -> str:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value
