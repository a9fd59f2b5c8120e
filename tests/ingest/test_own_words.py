"""A person's own words on tracks: they count at once, for them alone, beside recordings too, and can be undone."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest import knowledge, lens
from ingest.actions import export_parts, label
from ingest.heard import FEATURES
from ingest.models import FactAct, OwnFact, Recording, Tag, Track, TrackChange
from playlists.library import Library
from playlists.rules import text
from tests.factories.ingest import TrackFactory, heard, sounding, tagged

MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)
ENERGY = FEATURES.index("energy")


@pytest.fixture
def songs(anna):
    made = [TrackFactory(name=name) for name in ("One", "Two", "Three")]
    for n, song in enumerate(made):
        heard(anna, song, MORNING + timedelta(hours=n))
    return made


@pytest.fixture
def hers(client, anna):
    client.force_login(anna)
    return client


def found(user, query):
    """Titles that a typed rule finds."""
    library = Library(user, now=MORNING)
    tracks = library.table.track[library.masks.of(text.parse(query).query.where)].tolist()
    return sorted(Track.objects.filter(pk__in=tracks).values_list("name", flat=True))


def say(client, tracks, field, value, **more):
    told = {"track": [track.pk for track in tracks], "field": field, "value": value, "do": "say"} | more
    return client.post("/tracks/say/", told, follow=True)


def test_a_correction_counts_at_once_in_figures_and_rules_for_her_alone(hers, anna, ben, songs):
    sounding(songs[0], energy=0.25)
    heard(ben, songs[0], MORNING)
    assert found(anna, "energy:0.9..") == []
    assert say(hers, songs[:2], "energy", "0.95").status_code == 200
    assert found(anna, "energy:0.9..") == ["One", "Two"]
    assert lens.read(anna).facts.features[:2, ENERGY].tolist() == pytest.approx([0.95, 0.95])
    assert {row.field: row.tracks for row in knowledge.coverage(lens.read(anna))}["energy"] == 2
    assert found(ben, "energy:0.9..") == []
    assert lens.read(ben).facts.features[0, ENERGY] == 0.25


def test_genres_and_moods_of_her_own_replace_all_others(hers, anna, songs):
    tagged(songs[0], "rock")
    say(hers, songs[:1], "genres", "Shoegaze, Dream Pop")
    say(hers, songs[:1], "moods", "calm")
    assert found(anna, "genre:rock") == []
    assert found(anna, '(genre:"dream pop" , genre:shoegaze) mood:calm') == ["One"]
    assert Tag.objects.filter(kind=Tag.Kind.GENRE, name="dream pop").exists()


def test_labels_ratings_and_keys_of_her_own_are_fields_of_rules(hers, anna, songs):
    say(hers, songs[:2], "labels", "Road trip, night")
    say(hers, songs[1:], "rating", "5")
    say(hers, songs[:1], "labels", "Wedding", key="Occasion")
    say(hers, songs[2:], "labels", "2011", key="occasion")
    assert found(anna, 'label:"road trip"') == ["One", "Two"]
    assert found(anna, "rating:4..") == ["Three", "Two"]
    assert found(anna, "occasion:wedding") == ["One"]
    assert found(anna, "occasion:2011") == ["Three"]
    say(hers, songs[:1], "labels", "", key="occasion", do="take-back")
    assert found(anna, "occasion:wedding") == []


def test_all_versions_of_a_recording_are_told(hers, anna, songs):
    recording = Recording.objects.create(name="One")
    Track.objects.filter(pk__in=[songs[0].pk, songs[1].pk]).update(recording=recording)
    TrackChange.objects.bulk_create(TrackChange(track=song) for song in songs)
    say(hers, [songs[1]], "moods", "calm")
    assert set(OwnFact.objects.values_list("track_id", flat=True)) == {songs[0].pk, songs[1].pk}


def test_one_act_is_undone_as_one(hers, anna, songs):
    say(hers, songs[:1], "rating", "2")
    page = say(hers, songs, "rating", "5", next="/tracks/?q=o")
    act = FactAct.objects.latest("pk")
    assert (act.tracks, act.value) == (3, 5)
    assert page.redirect_chain[-1][0] == f"/tracks/?q=o&undo={act.pk}"
    assert f"/tracks/said/{act.pk}/undo/" in page.content.decode()
    assert say(hers, songs, "rating", "4", next="tracks").status_code == 200  # no path: back to the tracks
    hers.post(f"/tracks/said/{FactAct.objects.latest('pk').pk}/undo/", {"next": "?q=o"})
    hers.post(f"/tracks/said/{act.pk}/undo/")
    assert list(OwnFact.objects.values_list("track_id", "value")) == [(songs[0].pk, 2)]
    assert "nothing left to undo" in hers.post(f"/tracks/said/{act.pk}/undo/", follow=True).content.decode()


def test_undo_leaves_what_was_said_since(anna, songs):
    ids = [song.pk for song in songs]
    act = label.say(user=anna, tracks=ids, field="rating", value=5, now=MORNING)
    label.say(user=anna, tracks=ids[:1], field="rating", value=1, now=MORNING)
    assert label.undo(user=anna, act=act, now=MORNING) == 2
    assert list(OwnFact.objects.values_list("track_id", "value")) == [(ids[0], 1)]


def test_taking_back_is_undone_too(anna, songs):
    ids = [song.pk for song in songs]
    label.say(user=anna, tracks=ids[:2], field="moods", value=["calm"], now=MORNING)
    act = label.say(user=anna, tracks=ids, field="moods", value=None, now=MORNING)
    assert act.tracks == 2
    assert not OwnFact.objects.exists()
    assert label.undo(user=anna, act=act, now=MORNING) == 2
    assert OwnFact.objects.filter(value=["calm"]).count() == 2


def test_saying_the_same_again_is_no_act(anna, songs):
    ids = [song.pk for song in songs]
    assert label.say(user=anna, tracks=ids, field="rating", value=5, now=MORNING)
    assert label.say(user=anna, tracks=ids, field="rating", value=5, now=MORNING) is None
    assert FactAct.objects.count() == 1


def test_all_that_match_are_told_at_once(hers, anna, songs):
    told = {"scope": "all", "q": "o", "field": "moods", "value": "calm", "do": "say"}
    hers.post("/tracks/say/", told)
    assert found(anna, "mood:calm") == ["One", "Two"]
    hers.post("/tracks/say/", {"scope": "missing-moods", "field": "moods", "value": "dark", "do": "say"})
    assert found(anna, "mood:dark") == ["Three"]


def test_what_cannot_be_read_keeps_what_was_typed(hers, songs):
    page = say(hers, songs[:1], "energy", "very <loud>")
    text_ = page.content.decode()
    assert page.status_code == 422
    assert "Energy is a number from 0 to 1." in text_
    assert 'value="very &lt;loud&gt;"' in text_
    assert "1 chosen track" in text_
    assert "means something else already" in say(hers, songs[:1], "labels", "x", key="plays").content.decode()
    assert not OwnFact.objects.exists()


def test_nobody_labels_what_is_not_theirs(hers, ben, songs):
    bens = TrackFactory(name="Ben’s")
    heard(ben, bens, MORNING)
    say(hers, [bens], "moods", "calm")
    assert not OwnFact.objects.exists()
    act = label.say(user=ben, tracks=[bens.pk], field="moods", value=["calm"], now=MORNING)
    assert hers.post(f"/tracks/said/{act.pk}/undo/").status_code == 404
    assert OwnFact.objects.count() == 1


def test_the_page_of_the_chosen_says_how_many(hers, songs):
    page = hers.get("/tracks/chosen/", {"scope": "page", "shown": f"{songs[0].pk},{songs[2].pk},x,999999"})
    text_ = page.content.decode()
    assert "2 chosen tracks" in text_
    assert "One" in text_
    assert "Two" not in text_
    assert "No track is chosen" in hers.get("/tracks/chosen/?scope=nonsense").content.decode()


def test_her_words_go_with_her_export_and_with_herself(anna, ben, songs):
    label.say(user=anna, tracks=[songs[0].pk], field="occasion", value="Wedding", now=MORNING)
    label.say(user=ben, tracks=[songs[0].pk], field="rating", value=1, now=MORNING)
    (part,) = [each for each in export_parts.all_parts() if each.name == "own-words.json"]
    (word,) = part.told(anna)
    assert (word["title"], word["field"], word["value"], word["said_at"]) == ("One", "occasion", "Wedding", MORNING)
    anna.delete()
    assert OwnFact.objects.count() == FactAct.objects.count() == 1
