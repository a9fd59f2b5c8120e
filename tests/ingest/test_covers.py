"""Covers come through us: fetched with care, kept for a while, drawn meanwhile."""

import os
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ingest.actions import covers
from ingest.models import Album
from ingest.views.covers import sleeve
from tests.sandbox_fixtures import TestSandbox


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Any, db: None) -> None:
    settings.VAR_DIR = tmp_path
    cache.clear()


@pytest.fixture
def album(spotify: TestSandbox) -> Album:
    first = spotify.world.albums[0]
    return Album.objects.create(
        spotify_id=first.id, name="Ночь & <day>", name_key="n", image_url=f"{spotify.url}/img/{first.id}.svg"
    )


@pytest.fixture
def page(client: Client, anna: User) -> Client:
    client.force_login(anna)
    return client


def fetch(album: Album) -> bool:
    return covers.fetch(album_id=album.pk, now=timezone.now())


class TestView:
    def test_draws_a_sleeve_and_asks_for_the_picture_once(self, page, album, monkeypatch):
        sent: list[Any] = []
        monkeypatch.setattr("celery.app.task.Task.apply_async", lambda self, **more: sent.append(more["queue"]))
        for _ in range(3):
            answer = page.get(f"/covers/album/{album.pk}/")
            assert answer.status_code == 200
            assert answer["Content-Type"] == "image/svg+xml"
            ElementTree.fromstring(answer.content)
        assert sent == ["enrich"]
        assert "max-age=20" in answer["Cache-Control"]

    def test_serves_the_picture_without_rights(self, page, album):
        assert fetch(album)
        answer = page.get(f"/covers/album/{album.pk}/")
        assert b"<svg" in b"".join(answer.streaming_content)
        assert answer["Content-Security-Policy"].startswith("default-src 'none'")
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "private" in answer["Cache-Control"]

    def test_says_not_modified(self, page, album):
        fetch(album)
        first = page.get(f"/covers/album/{album.pk}/")
        again = page.get(f"/covers/album/{album.pk}/", headers={"If-Modified-Since": first["Last-Modified"]})
        assert again.status_code == 304
        assert not again.content

    def test_for_people_who_are_signed_in(self, client, album):
        assert client.get(f"/covers/album/{album.pk}/").status_code == 302

    def test_of_an_unknown_album_is_404(self, page):
        assert page.get("/covers/album/999/").status_code == 404


class TestFetch:
    def test_twice_asks_once(self, album, spotify):
        assert fetch(album)
        assert fetch(album)
        assert len(spotify.requests("/img/*")) == 1

    def test_again_after_a_month(self, album, spotify):
        fetch(album)
        path = covers.kept(album.pk, timezone.now())
        old = (timezone.now() - covers.KEPT).timestamp() - 1
        os.utime(path, (old, old))
        assert covers.kept(album.pk, timezone.now()) is None
        assert fetch(album)
        assert len(spotify.requests("/img/*")) == 2

    def test_old_ones_are_forgotten(self, album):
        fetch(album)
        assert covers.forget_old(now=timezone.now()) == 0
        assert covers.forget_old(now=timezone.now() + covers.KEPT + timedelta(minutes=1)) == 1

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "status", "status": 503},
            {"kind": "content"},
            {"kind": "empty"},
            {"kind": "cut"},
            {"kind": "reset"},
        ],
    )
    def test_what_is_no_picture_is_not_kept(self, album, spotify, fault):
        spotify.fault(path="/img/*", **fault)
        assert not fetch(album)
        assert covers.kept(album.pk, timezone.now()) is None

    def test_too_large_is_not_kept(self, album, monkeypatch):
        monkeypatch.setattr(covers, "MAX_BYTES", 100)
        assert not fetch(album)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://i.scdn.co/image/ab67616d", True),
        ("https://mosaic.scdn.co/640/x", True),
        ("https://image-cdn-ak.spotifycdn.com/image/x", True),
        ("http://i.scdn.co/image/x", False),
        ("https://i.scdn.co:8443/image/x", False),
        ("https://i.scdn.co.evil.example/image/x", False),
        ("https://evilspotifycdn.com/x", False),
        ("https://user@i.scdn.co/x", False),
        ("https://i.scdn.co@evil.example/x", False),
        ("https://127.0.0.1/x", False),
        ("http://169.254.169.254/latest", False),
        ("file:///etc/passwd", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_where_pictures_may_come_from(url, allowed):
    assert covers.is_allowed(url) is allowed


def test_the_sandbox_only_while_it_is_in_use(settings, album):
    assert covers.is_allowed(album.image_url)
    settings.SPOTIFY_SANDBOX = False
    assert not covers.is_allowed(album.image_url)


@pytest.mark.parametrize("name", ["", " ", "Abbey Road", "<script>", "夜に駆ける", "&", "🎷 blues", "a" * 500])
def test_a_sleeve_for_every_name(name):
    drawn = sleeve(name)
    ElementTree.fromstring(drawn)
    assert drawn == sleeve(name)
    assert "<script" not in drawn
