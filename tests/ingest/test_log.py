"""The log page: what stands on it, in which order, and how one moves in it."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.fields import to_ms
from ingest.actions import catalogue, hide
from ingest.evidence import Origin
from ingest.log import page
from ingest.log_filters import Filters
from ingest.models import Gap, HiddenPlay, Play, Track, Word
from tests.factories.ingest import AlbumFactory, ArtistFactory, TrackFactory, heard

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def log_url():
    return reverse("ingest:log")


def titles(shown):
    return [entry.play.track.name for day in shown.days for entry in day.entries]


def test_pages_follow_each_other_without_loss_or_repeat(anna):
    track = TrackFactory()
    for minute in range(0, 70, 5):
        heard(anna, track, MORNING + timedelta(minutes=minute), seconds=100)
    seen, shown = [], page(anna, size=4)
    while True:
        seen += [entry.play.started_at for day in shown.days for entry in day.entries]
        if shown.older is None:
            break
        shown = page(anna, older_than=shown.older, size=4)
    assert seen == [MORNING + timedelta(minutes=minute) for minute in range(65, -1, -5)]
    back = page(anna, newer_than=shown.newer, size=4)
    assert [e.play.started_at for d in back.days for e in d.entries] == seen[-2 - 4 : -2]


def test_plays_with_one_start_are_all_shown_over_a_page_border(anna):
    for number in range(5):
        heard(anna, TrackFactory(name=f"Same moment {number}"), MORNING)
    first = page(anna, size=3)
    second = page(anna, older_than=first.older, size=3)
    assert len(set(titles(first) + titles(second))) == 5


def test_days_are_the_persons_own(anna):
    anna.time_zone = "Asia/Kolkata"
    anna.save()
    track = TrackFactory()
    heard(anna, track, datetime(2026, 11, 19, 18, 29, tzinfo=UTC))  # 23:59 in Kolkata
    heard(anna, track, datetime(2026, 11, 19, 18, 34, tzinfo=UTC))  # 00:04 the day after
    assert [day.on.isoformat() for day in page(anna).days] == ["2026-11-20", "2026-11-19"]
    upto = page(anna, day=datetime(2026, 11, 19, tzinfo=UTC).date())
    assert [day.on.isoformat() for day in upto.days] == ["2026-11-19"]


def test_search_finds_every_word_in_title_artist_or_album_whatever_the_case(anna):
    bjork = ArtistFactory(name="Björk & the Élans")
    heard(anna, TrackFactory(name="Jóga (Live)", album=AlbumFactory(name="Homogenic", artist=bjork)), MORNING)
    heard(anna, TrackFactory(name="Something else"), MORNING + timedelta(hours=1))
    heard(anna, TrackFactory(name="Тишина"), MORNING + timedelta(hours=2))
    for words in ("jóga", "BJÖRK homogenic", "élans live", "  genic  "):
        assert titles(page(anna, filters=Filters(text=words))) == ["Jóga (Live)"], words
    assert titles(page(anna, filters=Filters(text="ТИШИНА"))) == ["Тишина"]
    assert titles(page(anna, filters=Filters(text="björk something"))) == []


def test_search_knows_a_track_by_its_newest_name(anna):
    track = TrackFactory(name="Misspelt")
    heard(anna, track, MORNING)
    assert titles(page(anna, filters=Filters(text="misspelt")))
    from ingest.models import TrackChange

    Track.objects.filter(pk=track.pk).update(name="Spelt right")
    TrackChange.objects.create(track=track)
    assert titles(page(anna, filters=Filters(text="misspelt"))) == []
    assert titles(page(anna, filters=Filters(text="spelt right"))) == ["Spelt right"]


def test_what_counts_and_what_does_not(anna):
    long, short = TrackFactory(duration_ms=240_000), TrackFactory(name="Interlude", duration_ms=40_000)
    podcast = TrackFactory(name="Talk", kind=Track.Kind.EPISODE)
    heard(anna, long, MORNING, seconds=30)
    heard(anna, long, MORNING + timedelta(minutes=5), seconds=29.999)
    heard(anna, short, MORNING + timedelta(minutes=10), seconds=20)
    heard(anna, short, MORNING + timedelta(minutes=15), seconds=19.999)
    heard(anna, podcast, MORNING + timedelta(minutes=20), seconds=900)
    heard(anna, long, MORNING + timedelta(hours=1), seconds=200, incognito=True)
    counted = [e.play.ms_played for d in page(anna, filters=Filters(show="plays")).days for e in d.entries]
    assert counted == [20_000, 30_000]

    def marks(show):
        return [str(e.mark) for d in page(anna, filters=Filters(show=show)).days for e in d.entries]

    assert marks("skips") == ["skipped"] * 3  # half of a short track counts, and is a skip all the same
    assert marks("rest") == ["private", "Podcast episode"]
    assert marks("hidden") == []


def test_gaps_stand_on_their_day(client, anna, log_url):
    heard(anna, TrackFactory(), MORNING)
    Gap.objects.create(
        user=anna, started_at=MORNING - timedelta(hours=3), ended_at=MORNING - timedelta(hours=1), reason="consent"
    )
    heard(anna, TrackFactory(), MORNING - timedelta(hours=5))
    client.force_login(anna)
    assert "The consent had ended" in client.get(log_url).content.decode()


def test_a_guess_of_the_length_is_marked(client, anna, log_url):
    heard(anna, TrackFactory(), MORNING, origin=Origin.POLL, is_estimate=True)
    client.force_login(anna)
    assert "≈" in client.get(log_url).content.decode()


def test_an_empty_log_says_what_to_do_first(client, anna, log_url):
    client.force_login(anna)
    page = client.get(log_url).content.decode()
    assert reverse("ingest:import-list") in page
    assert reverse("accounts:connections") in page


@pytest.mark.parametrize(
    "query",
    [
        "day=31.3.2024",
        "day=0001-01-01",
        "older=x",
        "older=1-",
        "older=--5-3",
        "older=5-²",
        "newer=" + "9" * 30 + "-1",
        "newer=1-" + "9" * 30,
        "newer=99999999999999999999999999999999999999999-1",
    ],
)
def test_bad_places_and_days_are_said_and_the_log_is_shown(client, anna, log_url, query):
    heard(anna, TrackFactory(name="Still here"), MORNING)
    client.force_login(anna)
    answer = client.get(f"{log_url}?{query}")
    assert answer.status_code == 400
    assert "Still here" in answer.content.decode()


@pytest.mark.parametrize("query", ["q=%00", "q=%FF", "q=" + "x" * 5000, "show=%27", "older=-5-0", "newer=0-0"])
def test_odd_input_is_harmless(client, anna, log_url, query):
    heard(anna, TrackFactory(), MORNING)
    client.force_login(anna)
    assert client.get(f"{log_url}?{query}").status_code in (200, 400)


def test_nobody_sees_anothers_plays(client, anna, ben, log_url):
    heard(anna, TrackFactory(name="Secret of Anna"), MORNING)
    client.force_login(ben)
    assert "Secret of Anna" not in client.get(log_url).content.decode()
    assert page(ben, filters=Filters(text="secret")).matches == 0


def test_a_place_survives_the_removal_of_its_play(anna):
    track = TrackFactory()
    for minute in (0, 10, 20):
        heard(anna, track, MORNING + timedelta(minutes=minute), seconds=100)
    from ingest.log import Place

    shown = page(anna, older_than=Place(to_ms(MORNING + timedelta(minutes=15)), 999_999))
    assert [e.play.started_at.minute for d in shown.days for e in d.entries] == [10, 0]


def test_a_hidden_play_leaves_the_figures_and_comes_back(client, anna, log_url):
    track = TrackFactory(name="Slip")
    heard(anna, track, MORNING)
    heard(anna, track, MORNING + timedelta(minutes=5))
    first = Play.objects.of(anna).earliest("started_at")
    client.force_login(anna)
    answer = client.post(reverse("ingest:hide"), {"play": first.pk, "next": f"{log_url}?show=all"}, follow=True)
    assert "1 play is out of your figures." in answer.content.decode()
    assert [e.mark for d in page(anna).days for e in d.entries] == ["", "hidden"]
    assert titles(page(anna, filters=Filters(show="plays"))) == ["Slip"]
    assert page(anna, filters=Filters(show="hidden")).matches == 1
    act = HiddenPlay.objects.get().act
    assert f'name="act" value="{act}"' in answer.content.decode()
    assert f'log-hidden" href="{reverse("ingest:hidden")}"' in answer.content.decode()
    client.post(reverse("ingest:undo-hiding"), {"act": act})
    assert page(anna, filters=Filters(show="plays")).matches == 2


def test_a_removed_play_is_not_even_in_the_log_until_it_is_undone(client, anna, log_url):
    heard(anna, TrackFactory(name="Embarrassing"), MORNING)
    client.force_login(anna)
    client.post(reverse("ingest:hide"), {"play": Play.objects.get().pk, "how": "remove", "next": "log"})
    assert page(anna).matches == 0
    assert page(anna, filters=Filters(show="hidden")).matches == 0
    listed = client.get(reverse("ingest:hidden")).content.decode()
    assert "Undo" in listed
    assert "Embarrassing" in listed
    client.post(reverse("ingest:undo-hiding"), {"act": HiddenPlay.objects.get().act})
    assert page(anna).matches == 1


def test_each_act_of_hiding_names_the_first_and_the_last_that_it_took_out(client, anna):
    for minute, name in enumerate(("Undone", "Alone", "First", "Between", "Last")):
        heard(anna, TrackFactory(name=name), MORNING + timedelta(minutes=5 * minute))
    ids = list(Play.objects.of(anna).order_by("started_at").values_list("id", flat=True))
    undone = hide.plays(user=anna, ids=ids[:1], removed=False, now=MORNING)
    hide.undo(user=anna, act=undone.act, now=MORNING)
    hide.plays(user=anna, ids=ids[1:2], removed=False, now=MORNING)
    hide.plays(user=anna, ids=ids[:1:-1], removed=True, now=MORNING + timedelta(days=1))
    client.force_login(anna)
    listed = client.get(reverse("ingest:hidden")).content.decode()
    assert [listed.find(name) >= 0 for name in ("Undone", "Alone", "First", "Between", "Last")] == [
        False, True, True, False, True,
    ]  # fmt: skip
    assert listed.index("First") < listed.index("Last") < listed.index("3 plays removed") < listed.index("Alone")


def test_nobody_hides_anothers_plays(client, anna, ben):
    heard(anna, TrackFactory(), MORNING)
    client.force_login(ben)
    client.post(reverse("ingest:hide"), {"play": Play.objects.get().pk, "how": "remove"})
    assert not HiddenPlay.objects.exists()
    client.force_login(anna)
    client.post(reverse("ingest:hide"), {"play": Play.objects.get().pk})
    client.force_login(ben)
    client.post(reverse("ingest:undo-hiding"), {"act": HiddenPlay.objects.get().act})
    assert HiddenPlay.objects.standing().count() == 1


def test_the_log_of_an_artist_in_a_range(client, anna, log_url):
    track, other = TrackFactory(name="Wanted"), TrackFactory(name="Unwanted")
    heard(anna, track, MORNING)
    heard(anna, track, MORNING - timedelta(days=400))
    heard(anna, other, MORNING + timedelta(minutes=5))
    client.force_login(anna)
    shown = client.get(f"{log_url}?artist={track.artist_id}&range={MORNING.year}").context["log"]
    assert titles(shown) == ["Wanted"]


def test_filters_combine_and_are_chips_that_can_be_taken_away(client, anna, log_url):
    anna.time_zone = "Asia/Kathmandu"  # 5:45 ahead
    anna.save()
    words = catalogue.words(Word.Kind.PLATFORM, ["ios", "cast"])
    wanted = TrackFactory(name="Wanted")
    monday = datetime(2026, 11, 16, 2, 15, tzinfo=UTC)  # 08:00 there
    heard(anna, wanted, monday, platform=words["ios"])
    heard(anna, wanted, monday + timedelta(hours=1), platform=words["ios"])
    heard(anna, wanted, monday + timedelta(minutes=10), platform=words["cast"])
    heard(anna, wanted, monday + timedelta(days=1), platform=words["ios"])
    heard(anna, wanted, monday + timedelta(minutes=20), platform=words["ios"], origin=Origin.SUBMIT)
    heard(anna, TrackFactory(), monday + timedelta(minutes=30), platform=words["ios"])
    client.force_login(anna)
    query = f"?weekday=1&hour=8&platform={words['ios']}&origin=export&artist={wanted.artist_id}&q=want"
    answer = client.get(log_url + query)
    assert titles(answer.context["log"]) == ["Wanted"]
    said = {chip.kind: chip for chip in answer.context["chips"]}
    assert said["Hour"].words == "08:00–09:00"
    assert said["Device"].words == "ios"
    assert said["Artist"].words == wanted.artist.name
    assert client.get(log_url + said["Hour"].href).context["log"].matches == 2
    assert client.get(log_url + said["Device"].href).context["log"].matches == 2
    assert client.get(log_url + said["Known from"].href).context["log"].matches == 2
    assert client.get(log_url + "?hour=22&until=10").context["log"].matches == 6
    assert client.get(log_url + "?until=8").context["log"].matches == 0  # from midnight on
    assert client.get(log_url + "?until=24").context["log"].matches == 6
    assert (
        client.get(log_url + "?until=9").context["log"].matches
        == client.get(log_url + "?hour=0&until=9").context["log"].matches
    )
    assert client.get(log_url + "?weekday=67").context["log"].matches == 0


def test_a_chip_names_nothing_that_only_others_heard(client, anna, ben, log_url):
    track = TrackFactory(name="Secret of Ben")
    context = catalogue.words(Word.Kind.CONTEXT, ["spotify:playlist:secret"])["spotify:playlist:secret"]
    heard(ben, track, MORNING, context=context)
    heard(anna, TrackFactory(), MORNING)
    client.force_login(anna)
    page_said = client.get(f"{log_url}?track={track.pk}&context={context}&artist={track.artist_id}").content.decode()
    assert "Secret of Ben" not in page_said
    assert track.artist.name not in page_said
    assert "secret" not in page_said


@pytest.mark.parametrize(
    "query",
    ["hour=99", "weekday=9x", "span=9-", "origin=moon", "platform=-1", "context=x", "rule=none", "from=1", "to="],
)
def test_odd_filters_are_harmless(client, anna, log_url, query):
    heard(anna, TrackFactory(), MORNING)
    client.force_login(anna)
    assert client.get(f"{log_url}?{query}").status_code in (200, 400)


def test_the_time_line_shows_whole_days_each_once(client, anna, log_url):
    anna.time_zone = "Asia/Kathmandu"
    anna.save()
    track = TrackFactory(name="Noon")
    midnight = datetime(2026, 11, 9, 18, 15, tzinfo=UTC)  # there
    for number in range(24):
        heard(anna, track, midnight + timedelta(hours=12 * number), seconds=360 if number % 4 else 10)
    client.force_login(anna)
    client.post(reverse("ingest:log-view"), {"view": "timeline"})
    first = client.get(log_url)
    assert first.context["lanes"][0].label == "Sat, 21 Nov 2026"
    assert all(len(lane.blocks) == 2 for lane in first.context["lanes"])
    night, noon = first.context["lanes"][0].blocks
    assert (night.start, noon.start) == (0.0, 0.5)
    assert noon.end - noon.start == pytest.approx(360 / 86_400)
    assert "12:00 Noon" in first.content.decode()
    older = client.get(log_url + first.context["older"])
    assert [len(lane.blocks) for lane in older.context["lanes"]] == [2, 2]
    back = client.get(log_url + older.context["newer"])
    assert [lane.label for lane in back.context["lanes"]] == [lane.label for lane in first.context["lanes"]]
    assert client.get(log_url + "?view=list").context["lanes"] == []
    client.post(reverse("ingest:log-view"), {"view": "list"})
    assert client.get(log_url).context["lanes"] == []


def test_the_filtered_log_is_a_file_safe_for_spreadsheets(client, anna, ben, log_url):
    formula = TrackFactory(name='=cmd|" /C calc"!A0', album=AlbumFactory(name="@x", artist=ArtistFactory(name="-1")))
    for minute in range(0, 400, 4):
        heard(anna, formula, MORNING + timedelta(minutes=minute))
    heard(anna, TrackFactory(name="Other"), MORNING + timedelta(days=1))
    heard(ben, TrackFactory(name="Secret of Ben"), MORNING)
    client.force_login(anna)
    query = f"?artist={formula.artist_id}"
    raw = b"".join(client.get(f"/log/export.csv{query}").streaming_content)
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) == 100 == client.get(log_url + query).context["log"].matches
    assert {row["title"] for row in rows} == {"'" + formula.name}
    assert (rows[0]["artist"], rows[0]["album"], rows[0]["ms_played"]) == ("'-1", "'@x", "180000")
    told = json.loads(b"".join(client.get(f"/log/export.json{query}").streaming_content))
    assert [row["started_at"] for row in told] == [row["started_at"] for row in rows]
    assert told[0]["title"] == formula.name
    assert json.loads(b"".join(client.get("/log/export.json?q=nothing").streaming_content)) == []
