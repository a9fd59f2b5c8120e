"""A person's own word: plays entered, put right and taken out, with a way back; kept whoever tells of them again."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from accounts.fields import to_ms
from ingest import columns, lens
from ingest.actions import catalogue, hands, hide, record
from ingest.evidence import Evidence, Origin
from ingest.models import HandPlay, HiddenPlay, MergedPlay, Play, Word
from tests.factories.ingest import TrackFactory, heard

MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
MINUTES_3 = 180_000


def counted(user):
    """What the figures see: (track, start, ms), oldest first; the columns checked on the way."""
    assert columns.check(user) == []
    found = lens.read(user).heard().counted
    return list(zip(found.track.tolist(), found.started.tolist(), found.ms.tolist(), strict=True))


def enter(user, track, at=MORNING, ms=MINUTES_3, act=7):
    return hands.enter(user=user, act=act, track_id=track.pk, started_ms=to_ms(at), ms_played=ms, now=NOW)


def change(user, play, *, act=9, track=None, at=None, ms=None):
    return hands.change(
        user=user,
        play=play,
        act=act,
        track_id=(track or play.track).pk,
        started_ms=to_ms(at or play.started_at),
        ms_played=ms or play.ms_played,
        now=NOW,
    )


def test_a_play_by_hand_counts_once_and_goes_again(anna):
    track = TrackFactory()
    for _again in range(2):
        enter(anna, track)
    assert counted(anna) == [(track.pk, to_ms(MORNING), MINUTES_3)]
    assert hands.undo(user=anna, act=7, now=NOW)
    assert not hands.undo(user=anna, act=7, now=NOW)
    assert counted(anna) == []
    assert not Play.objects.exists()


def test_what_is_told_later_of_the_same_listening_is_no_second_play(anna):
    track = TrackFactory()
    enter(anna, track)
    heard(anna, track, MORNING + timedelta(seconds=20))
    assert counted(anna) == [(track.pk, to_ms(MORNING), MINUTES_3)]
    hands.undo(user=anna, act=7, now=NOW)
    assert counted(anna) == [(track.pk, to_ms(MORNING) + 20_000, MINUTES_3)]  # nothing told is thrown away


CHANGES = [
    {"at": MORNING + timedelta(hours=5)},
    {"at": MORNING + timedelta(seconds=40)},
    {"ms": 90_000},
    {"ms": 31_000},
    {"at": MORNING - timedelta(minutes=2), "ms": 200_000},
]


@pytest.mark.parametrize("origin", [Origin.EXPORT, Origin.POLL, Origin.SUBMIT, Origin.HAND])
@pytest.mark.parametrize("other_track", [False, True])
@pytest.mark.parametrize("wanted", CHANGES)
def test_a_change_stands_through_a_new_import_and_can_be_undone(anna, origin, wanted, other_track):
    track = TrackFactory()
    told = Evidence(origin, track.pk, to_ms(MORNING), to_ms(MORNING) + MINUTES_3, MINUTES_3)
    record.plays(user=anna, evidence=[told], now=NOW)
    before = counted(anna)
    change(anna, Play.objects.get(), track=TrackFactory() if other_track else None, **wanted)
    after = [
        (
            HandPlay.objects.get().track_id,
            to_ms(wanted.get("at", MORNING)),
            wanted.get("ms", MINUTES_3),
        )
    ]
    assert counted(anna) == after
    again = [told] if origin != Origin.HAND else []
    again.append(Evidence(Origin.EXPORT, track.pk, to_ms(MORNING) - 1500, to_ms(MORNING) + MINUTES_3 + 700, MINUTES_3))
    record.plays(user=anna, evidence=again, now=NOW)
    assert counted(anna) == after
    record.take_back(user=anna, evidence=again[-1:], now=NOW)
    assert counted(anna) == after
    hands.undo(user=anna, act=9, now=NOW)
    assert counted(anna) == before


def test_a_change_of_a_change_is_undone_from_the_last(anna):
    heard(anna, TrackFactory(), MORNING, incognito=False)
    before = counted(anna)
    change(anna, Play.objects.get(), at=MORNING + timedelta(hours=3))
    second = Play.objects.get(origin=Origin.HAND)
    assert second.incognito is False
    change(anna, second, act=11, ms=100_000)
    assert counted(anna) == [(second.track_id, to_ms(MORNING + timedelta(hours=3)), 100_000)]
    with pytest.raises(hands.ChangedSince):
        hands.undo(user=anna, act=9, now=NOW)
    hands.undo(user=anna, act=11, now=NOW)
    assert counted(anna) == [(second.track_id, to_ms(MORNING + timedelta(hours=3)), MINUTES_3)]
    hands.undo(user=anna, act=9, now=NOW)
    assert counted(anna) == before
    assert not MergedPlay.objects.exists()


def test_a_change_of_nothing_is_none(anna):
    heard(anna, TrackFactory(), MORNING)
    assert change(anna, Play.objects.get()) is None
    assert not HandPlay.objects.exists()


def test_a_changed_play_can_be_hidden_and_comes_back(anna):
    heard(anna, TrackFactory(), MORNING)
    change(anna, Play.objects.get(), ms=100_000)
    act = hide.plays(user=anna, ids=[Play.objects.get().pk], removed=True, now=NOW)
    assert counted(anna) == []
    hide.undo(user=anna, act=act.act, now=NOW)
    assert [ms for _track, _start, ms in counted(anna)] == [100_000]


def test_hiding_finds_what_a_plain_look_at_each_play_finds(anna):
    """Many marks at once are matched as one by one."""
    tracks = [TrackFactory() for _n in range(3)]
    chance = np.random.default_rng(5)
    start = to_ms(MORNING) + chance.integers(0, 3_600_000, 120)
    length = chance.integers(1_000, 300_000, 120)
    track = chance.integers(0, 3, 120)
    told = [
        Evidence(Origin.EXPORT, tracks[t].pk, int(s), int(s + ms), int(ms))
        for s, ms, t in zip(start, length, track, strict=True)
    ]
    record.plays(user=anna, evidence=told, now=NOW)
    plays = list(Play.objects.of(anna))
    marks = plays[::7]
    shifted = [
        HiddenPlay(
            user=anna, track=p.track, started_at=p.started_at + timedelta(seconds=20), ended_at=p.ended_at, act=1,
            made_at=NOW,
        )
        for p in marks
        if p.ended_at > p.started_at + timedelta(seconds=20)
    ]  # fmt: skip
    HiddenPlay.objects.bulk_create(shifted)

    def hit(play, mark):
        shared = min(play.ended_at, mark.ended_at) - max(play.started_at, mark.started_at)
        shorter = min(play.ended_at - play.started_at, mark.ended_at - mark.started_at)
        return play.track_id == mark.track_id and 2 * shared > shorter

    wanted = {p.pk for p in plays if any(hit(p, mark) for mark in shifted)}
    reading = lens.read(anna)
    assert set(reading.plays.id[reading.hidden].tolist()) == wanted
    assert 0 < len(wanted) < len(plays)


@pytest.fixture
def at_home(client, anna, settings):
    anna.time_zone = "Europe/Berlin"
    anna.save()
    client.force_login(anna)
    return client


def form_of(answer, **told):
    form = answer.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (values | told).items() if value not in (None, "")}


def test_a_person_enters_a_play_by_names(at_home, anna):
    answer = at_home.get("/log/add/")
    told = form_of(
        answer, title="Вальс", artist="Bjørk", album="Homogenic", on="2024-03-30", at="23:59:10", length="3:42"
    )
    for _twice in range(2):
        assert at_home.post("/log/add/", told).status_code == 302
    play = Play.objects.get()
    assert play.started_at == datetime(2024, 3, 30, 22, 59, 10, tzinfo=UTC)
    assert (play.ms_played, play.track.name, play.track.artist.name) == (222_000, "Вальс", "Bjørk")
    shown = at_home.get("/log/").content.decode()
    assert "Вальс" in shown
    assert "By hand" in shown


def test_a_person_finds_a_track_of_theirs_and_no_other(at_home, anna, ben):
    mine, other = TrackFactory(name="Jóga"), TrackFactory(name="Jóga of Ben")
    heard(anna, mine, MORNING)
    heard(ben, other, MORNING)
    assert at_home.get("/log/add/?q=joga").context["found"] == [mine]
    assert at_home.get(f"/log/add/?track={other.pk}").context["track"] is None
    answer = at_home.get(f"/log/add/?track={mine.pk}")
    assert at_home.post("/log/add/", form_of(answer, on="2024-03-30", at="12:00")).status_code == 302
    assert Play.objects.of(anna).filter(track=mine).count() == 2


def test_a_clock_that_went_back_is_asked_about_and_one_that_jumped_refused(at_home, anna):
    heard(anna, track := TrackFactory(), MORNING)
    address = f"/log/add/?track={track.pk}"
    told = form_of(at_home.get(address), on="2024-10-27", at="02:30", length="3:00")
    told.pop("fold", None)
    asked = at_home.post(address, told)
    assert asked.status_code == 400
    assert "The clock showed this time twice" in asked.content.decode()
    at_home.post(address, told | {"fold": "1"})
    at_home.post(address, told | {"fold": "0", "act": "55"})
    starts = set(Play.objects.filter(origin=Origin.HAND).values_list("started_at", flat=True))
    assert starts == {datetime(2024, 10, 27, hour, 30, tzinfo=UTC) for hour in (0, 1)}
    jumped = at_home.post(address, told | {"on": "2024-03-31", "act": "56"})
    assert "jumped over" in jumped.content.decode()
    ahead = at_home.post(address, told | {"on": "2099-03-31", "act": "57"})
    assert ahead.status_code == 400
    assert Play.objects.count() == 3


def test_a_person_puts_a_play_right_and_takes_that_back(at_home, anna):
    heard(anna, TrackFactory(name="Wrong"), MORNING, seconds=180.4)
    right = TrackFactory(name="Right")
    heard(anna, right, MORNING - timedelta(days=1))
    pk = Play.objects.get(track__name="Wrong").pk
    before = counted(anna)
    address = f"/log/plays/{pk}/"
    same = at_home.post(address, form_of(at_home.get(address)))
    assert same["Location"] == address  # nothing was changed: the form's seconds are no change of the milliseconds
    answer = at_home.post(
        f"{address}?track={right.pk}", form_of(at_home.get(f"{address}?track={right.pk}")), follow=True
    )
    assert counted(anna)[1] == (right.pk, to_ms(MORNING), 180_400)
    assert "Put right" in answer.content.decode()
    assert "By hand" in at_home.get("/log/hidden/").content.decode()
    at_home.post("/log/undo/", {"act": HandPlay.objects.get().act})
    assert counted(anna) == before


def test_a_play_says_in_words_why_it_began_and_ended(at_home, anna):
    words = catalogue.words(Word.Kind.REASON, ["clickrow", "trackdone", "unheard-of"])
    heard(anna, TrackFactory(), MORNING, reason_start=words["clickrow"], reason_end=words["trackdone"])
    heard(anna, TrackFactory(), MORNING + timedelta(hours=1), reason_start=words["unheard-of"])
    first, second = (at_home.get(f"/log/plays/{play.pk}/").content.decode() for play in Play.objects.order_by("id"))
    assert "you chose a track" in first
    assert "the last track was over" in first
    assert "unheard-of" in second


def test_nobody_puts_anothers_play_right(client, anna, ben):
    heard(anna, TrackFactory(), MORNING)
    client.force_login(ben)
    assert client.get(f"/log/plays/{Play.objects.get().pk}/").status_code == 404
    assert client.post(f"/log/plays/{Play.objects.get().pk}/", {"act": 5}).status_code == 404
    enter(anna, TrackFactory())
    client.post("/log/undo/", {"act": 7})
    assert HandPlay.objects.standing().count() == 1


@pytest.mark.parametrize("length", ["", "0", "0:00", "x", "9" * 30, "25:00:00", "3:99", "٣:٠٠"])
def test_lengths_that_are_none(at_home, length):
    told = form_of(at_home.get("/log/add/"), title="A", artist="B", on="2024-01-01", at="12:00") | {"length": length}
    assert at_home.post("/log/add/", told).status_code == 400
    assert not Play.objects.exists()


def test_a_play_that_was_put_right_elsewhere_is_not_put_right_twice(anna):
    """Two tabs show the same play: the second word would be a second play of one listening."""
    heard(anna, TrackFactory(), MORNING, origin=Origin.POLL)
    seen = Play.objects.get()
    change(anna, seen, at=MORNING + timedelta(hours=3))
    after = counted(anna)
    with pytest.raises(hands.ChangedSince):
        change(anna, seen, act=11, at=MORNING + timedelta(hours=5))
    assert counted(anna) == after
    word = Play.objects.get(origin=Origin.HAND)
    change(anna, word, act=12, ms=100_000)
    with pytest.raises(hands.ChangedSince):
        change(anna, word, act=13, ms=50_000)  # it is gone
    assert len(counted(anna)) == 1


def test_the_page_says_that_it_was_put_right_elsewhere(anna, client):
    heard(anna, TrackFactory(), MORNING, origin=Origin.POLL)
    seen = Play.objects.get()
    change(anna, seen, at=MORNING + timedelta(hours=3))
    client.force_login(anna)
    form = {"act": 11, "track": seen.track_id, "on": "2026-11-20", "at": "10:00:00", "length": "1:00"}
    answer = client.post(f"/log/plays/{seen.pk}/", form, follow=True)
    assert "nothing was changed" in answer.content.decode()
    assert len(counted(anna)) == 1


def test_of_two_words_that_say_the_same_one_goes_with_what_it_alone_told(anna):
    track = TrackFactory()
    heard(anna, track, MORNING, shuffle=True)
    change(anna, Play.objects.get(), at=MORNING + timedelta(hours=3))
    enter(anna, track, at=MORNING + timedelta(hours=3), act=11)
    assert Play.objects.get(origin=Origin.HAND).shuffle is True
    hands.undo(user=anna, act=9, now=NOW)
    assert Play.objects.get(origin=Origin.HAND).shuffle is None
