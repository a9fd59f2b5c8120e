"""How much is known of a person's music, and what each source could not find."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.core.cache import cache

from ingest import afterwards, unmatched
from ingest.models import Finding
from tests.factories.ingest import ArtistFactory, TrackFactory, heard, sounding

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture
def hers(client, anna, ben):
    client.force_login(anna)
    made = [("Zed", "One"), ("abba", "=HYPERLINK(1)"), ("abba", "Anna"), ("Known", "Yes")]
    for n, (artist, title) in enumerate(made):
        track = TrackFactory(name=title, artist=ArtistFactory(name=artist))
        heard(anna, track, MORNING.replace(minute=5 * n))
        values = {"listeners": 1} if artist == "Known" else {}
        Finding.objects.create(track=track, provider="lastfm", values=values, fetched_at=MORNING)
    sounding(track, energy=0.5)
    bens = TrackFactory(name="Ben’s")
    heard(ben, bens, MORNING)
    Finding.objects.create(track=bens, provider="lastfm", values={}, fetched_at=MORNING)
    return client


def test_coverage_by_field_and_by_source(hers):
    page = hers.get("/tracks/known/")
    fields = {row.field: (row.tracks, row.of_tracks) for _name, row in page.context["fields"]}
    assert (fields["energy"], fields["valence"]) == ((1, 4), (0, 4))
    assert [(each.provider.name, each.known, each.asked.missing) for each in page.context["told"]] == [("lastfm", 1, 3)]
    assert "1 of 4 tracks, 25% of plays" in page.content.decode()


def test_what_a_source_does_not_know_is_listed_by_artist(hers):
    page = hers.get("/tracks/known/?source=lastfm")
    assert page.context["artists"] == [("abba", ["=HYPERLINK(1)", "Anna"]), ("Zed", ["One"])]
    assert "Ben" not in page.content.decode()
    assert hers.get("/tracks/known/?source=nonsense").context["artists"] == []


def test_a_web_process_looks_through_findings_after_its_answer(hers, anna, monkeypatch):
    monkeypatch.setattr(afterwards, "_pending", None)
    afterwards.begin()
    path = "/tracks/known/?source=lastfm"
    first = hers.get(path)
    assert (first.context["counts"], first.context["artists"]) == (None, None)
    assert first.content.decode().count("Looking through your tracks") == 2
    assert f'hx-get="{path}"' in first.content.decode()
    afterwards.run()
    page = hers.get(path)
    assert (page.context["told"][0].asked.missing, len(page.context["artists"])) == (3, 2)
    assert "Looking through" not in page.content.decode()
    assert 'hx-get="/tracks/known/' not in page.content.decode()
    Finding.objects.filter(track__name="Anna").update(values={"listeners": 2})
    cache.delete_many([f"tracks-known:{anna.pk}:{name}:fresh" for name in ("counts", "lastfm")])  # two minutes later
    page = hers.get(path)
    assert page.context["told"][0].asked.missing == 3  # as it was, until it has been looked through again
    assert f'hx-get="{path}"' in page.content.decode()
    assert hers.get("/tracks/known/").context["told"][0].asked.missing == 3
    afterwards.run()
    page = hers.get(path)
    assert page.context["told"][0].asked.missing == 2
    assert page.context["artists"] == [("abba", ["=HYPERLINK(1)"]), ("Zed", ["One"])]


def test_what_cannot_be_looked_through_is_tried_again(hers, monkeypatch):
    monkeypatch.setattr(afterwards, "_pending", None)
    afterwards.begin()
    with monkeypatch.context() as broken:
        broken.setattr(unmatched, "counts", lambda ids: 1 / 0)
        hers.get("/tracks/known/")
        with pytest.raises(ZeroDivisionError):  # the server writes it to its log
            afterwards.run()
    assert hers.get("/tracks/known/").context["counts"] is None
    afterwards.run()
    assert hers.get("/tracks/known/").context["counts"]["lastfm"].missing == 3


def test_it_comes_as_a_file_that_no_spreadsheet_runs(hers):
    answer = hers.get("/tracks/known/lastfm.csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row[:2] for row in rows[1:]] == [["abba", "'=HYPERLINK(1)"], ["abba", "Anna"], ["Zed", "One"]]
    assert rows[1][4] == "2026-11-20T08:00:00Z"
    assert hers.get("/tracks/known/nonsense.csv").status_code == 404
