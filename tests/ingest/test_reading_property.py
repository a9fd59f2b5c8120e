"""What is read equals a plain count over the plays, after anything that a person or the catalogue does."""

import os
from datetime import timedelta
from itertools import count

from django.core.management import call_command
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingest import columns, lens
from ingest.actions import group, hide, naming, record, recordings
from ingest.evidence import Origin, TrackName
from ingest.models import Counting, ListeningFilter, OwnGrouping, Play, Recording, Track, TrackChange
from tests.factories.accounts import UserFactory
from tests.ingest.plainly import plainly, read
from tests.ingest.test_columns import do_import, dying_at, heard

ZONES = ["UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"]
_NUMBERS = count(1)

MINUTES = st.lists(st.integers(0, 400), min_size=1, max_size=5)
PLACE = st.integers(0, 9)
PAIR = st.tuples(PLACE, PLACE)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["poll", "submit", "import"]), MINUTES),
        st.tuples(st.sampled_from(["hide", "show", "rule", "undo word", "leave out"]), PLACE),
        st.tuples(st.sampled_from(["same", "apart", "joined", "length"]), PAIR),
        st.tuples(st.sampled_from(["forget", "zone", "host", "group", "rebuild", "named"]), PLACE),
        st.tuples(st.just("crash"), st.integers(0, 30)),
    ),
    max_size=14,
)


class Person:
    """One person to whom things happen; `tracks` are of the catalogue and known by names, ids of all examples apart."""

    def __init__(self, hosts, switch, now):
        self.user, self.hosts, self.switch, self.now = UserFactory(), hosts, switch, now
        number = next(_NUMBERS)
        self.names = [
            TrackName(
                0, f"{letter}{number}" if letter < "D" else None, f"Title {letter}", f"By {number}", f"On {letter}"
            )
            for letter in "ABCD"
        ]
        self.tracks = naming.tracks(self.names)

    def do(self, step, told):
        getattr(self, step.replace(" ", "_").replace("import", "bring"))(told)

    def poll(self, minutes, origin=Origin.POLL):
        events = [heard(minute, self.tracks[minute % 4], origin) for minute in minutes]
        record.plays(user=self.user, evidence=events, now=self.now)

    def submit(self, minutes):
        self.poll(minutes, Origin.SUBMIT)

    def bring(self, minutes):
        do_import(self.user, minutes, self.now, self.names)

    def hide(self, place):
        ids = list(Play.objects.of(self.user).order_by("started_at", "id").values_list("id", flat=True))
        if ids:
            chosen = ids[place % len(ids) :][:2]
            hide.plays(user=self.user, ids=chosen, removed=place % 2 > 0, now=self._later())

    def show(self, place):
        acts = hide.acts(self.user)
        if acts:
            hide.undo(user=self.user, act=acts[place % len(acts)].act, now=self.now)

    def _pair(self, pair):
        known = sorted(set(Play.objects.of(self.user).values_list("track_id", flat=True)))
        one, other = (known[place % len(known)] if known else 0 for place in pair)
        return (one, other) if one != other else None

    def same(self, pair, is_same=True):
        if found := self._pair(pair):
            recordings.say(user=self.user, track_id=found[0], other_id=found[1], is_same=is_same, now=self._later())

    def apart(self, pair):
        self.same(pair, is_same=False)

    def _later(self):
        return self.now + timedelta(seconds=next(_NUMBERS))

    def undo_word(self, place):
        if word := OwnGrouping.objects.of(self.user).standing().first():
            recordings.undo(word=word, now=self.now)

    def joined(self, pair):
        """The catalogue learns that two tracks are one recording; the next time, that they are not."""
        ids = [self.tracks[place % 4] for place in pair]
        is_one = Track.objects.filter(pk=ids[0], recording=None).exists()
        recording = Recording.objects.create(name="One", created_at=self.now) if is_one else None
        Track.objects.filter(pk__in=ids).update(recording=recording)
        TrackChange.objects.bulk_create(TrackChange(track_id=pk) for pk in set(ids))

    def length(self, pair):
        pk = self.tracks[pair[0] % 4]
        Track.objects.filter(pk=pk).update(duration_ms=(40_000, 90_000, 120_000)[pair[1] % 3])
        TrackChange.objects.create(track_id=pk)

    def leave_out(self, place):
        about = {"user": self.user, "kind": ListeningFilter.Kind.TRACK, "value": self.tracks[place % 4]}
        row, made = ListeningFilter.objects.get_or_create(**about)
        if not made:
            row.delete()

    def rule(self, place):
        chosen = {"rule": ("vibesite", "spotify", "finished")[place % 3], "groups_recordings": place % 2 == 0}
        Counting.objects.update_or_create(user=self.user, defaults=chosen)

    def forget(self, place):
        record.forget(user=self.user, origins=[[Origin.POLL, Origin.EXPORT][place % 2]], now=self.now)

    def zone(self, place):
        self.user.time_zone = ZONES[place % len(ZONES)]
        self.user.save()

    def host(self, place):
        self.switch.COLUMNS_DIR = self.hosts[place % 2]

    def group(self, place):
        group.run(now=self.now)

    def rebuild(self, place):
        columns.rebuild(self.user)

    def named(self, place):
        """Spotify tells which id the name is."""
        naming.adopt(self.tracks[3], f"D{self.tracks[3]}")

    def crash(self, step):
        with dying_at(step):
            columns.catch_up(self.user)
            lens.read(self.user)
            columns.rebuild(self.user)


@settings(
    max_examples=int(os.environ.get("READING_EXAMPLES", "25")),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS)
def test_reading_equals_a_plain_count_after_every_step(
    db, tmp_path_factory, settings, now, django_capture_on_commit_callbacks, steps
):
    hosts = [tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")]
    settings.COLUMNS_DIR = hosts[0]
    person = Person(hosts, settings, now)
    for number, (step, told) in enumerate(steps):
        with django_capture_on_commit_callbacks(execute=number % 3 > 0):  # else it dies between commit and append
            person.do(step, told)
        assert read(person.user) == plainly(person.user), (step, told)
    for host in hosts:
        settings.COLUMNS_DIR = host
        assert read(person.user) == plainly(person.user)
        call_command("rebuild_columns", check=True, user=person.user.username)
