"""What a process of a storm does: each deed through the product's own door, safe to be done again after a kill."""

import json
import os
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from accounts import job_run
from accounts.fields import to_ms
from accounts.models import Job, User
from ingest import columns, listens, shelf
from ingest.actions import catalogue, counting, group, hide, imports, record
from ingest.evidence import Evidence, Origin
from ingest.models import HandPlay, HistoryImport, ListeningFilter, OwnGrouping, Play, RecordingCandidate
from tests.bench.storm import draw
from tests.bench.storm.draw import Deed, Storm
from tests.bench.storm.stage import Stage, song, spotify_id

PAGES = ("/log/", "/listening/?range=all", "/top/tracks/?range=all", "/tracks/", "/log/?q=night", "/recordings/")
READ_BY_THEN = timedelta(seconds=20)  # in life it is a month
Result = dict[str, Any]


class Journal:
    """What one worker has begun and done in one round; a line is there as soon as it is written, whoever dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done = {line["deed"]: line["result"] for line in read_journal(path) if "result" in line}
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, **told: Any) -> None:
        os.write(self._file, json.dumps(told).encode() + b"\n")


def read_journal(path: Path) -> list[Result]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def work(storm: Storm, stage: Stage, folder: Path, round_: int, worker: int) -> None:
    """Do all deeds of this worker in this round that are not done yet, one after the other."""
    journal = Journal(folder / f"journal-{round_}-{worker}.jsonl")
    for deed in storm.of(round_, worker):
        if deed.name not in journal.done:
            journal.write(deed=deed.name, kind=deed.kind, begun=True)
            result = Doer(storm, stage, folder).do(deed)
            journal.write(deed=deed.name, kind=deed.kind, person=deed.person, result=result)


class Doer:
    def __init__(self, storm: Storm, stage: Stage, folder: Path) -> None:
        self.storm, self.stage, self.folder = storm, stage, folder

    def do(self, deed: Deed) -> Result:
        does: Callable[[Deed], Result | None] = getattr(self, deed.kind.replace(" ", "_").replace("import", "bring"))
        return does(deed) or {}

    def _post(self, deed: Deed, path: str, *allowed: int, **form: Any) -> Any:
        answer = self.stage.browser(deed.person).post(path, form)
        if answer.status_code not in (302, *allowed):
            raise RuntimeError(f"{path} answered {answer.status_code} to {form}: {answer.content[:500]!r}")
        return answer

    # --- What is told -------------------------------------------------------------------------------------------------
    def _told(self, deed: Deed) -> list[Evidence]:
        return self.storm.told(deed, self.stage.tracks, self.stage.words)

    def poll(self, deed: Deed) -> None:
        record.plays(user=self.stage.user(deed.person), evidence=self._told(deed), now=timezone.now())

    append = watch = poll

    def submit(self, deed: Deed) -> None:
        told = [
            {
                "listened_at": each.started_ms // 1000,
                "track_metadata": self._metadata(each)
                | {"additional_info": self._info(each) | {"duration_played": each.ms_played // 1000}},
            }
            for each in self._told(deed)
        ]
        self._program(deed, "/1/submit-listens", {"listen_type": "import", "payload": told})

    def _metadata(self, event: Evidence) -> dict[str, Any]:
        number = self.stage.tracks.index(event.track_id)
        return {"track_name": song(number, 0).name, "artist_name": song(number, 0).artists[0].name}

    def _info(self, event: Evidence) -> dict[str, Any]:
        key = spotify_id(self.stage.tracks.index(event.track_id))
        return {"spotify_id": f"https://open.spotify.com/track/{key}", "media_player": draw.PLATFORM}

    def _program(self, deed: Deed, path: str, document: dict[str, Any]) -> None:
        headers = {"Authorization": f"Token {self.stage.tokens[deed.person]}"}
        while True:
            answer = self.stage.browser().post(path, document, content_type="application/json", headers=headers)
            if answer.status_code != 429:
                break
            time.sleep(0.5)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.content[:500]!r}")

    def bring(self, deed: Deed) -> Result:
        """An export, imported as a job; one whose process was killed is gone on with."""
        path = self.folder / f"my_spotify_data-{deed.name}.zip"
        user = self.stage.user(deed.person)
        found = HistoryImport.objects.filter(user=user, name=path.name).first()
        if found is None:
            with zipfile.ZipFile(path, "w") as archive:
                rows = json.dumps([self._row(each) for each in self._told(deed)])
                archive.writestr("Streaming_History_Audio_2024_0.json", rows)
            found = imports.prepare(user=user, paths=[path])
        while found.state in ("waiting", "running"):
            # Its former process is dead: this one follows it, as the reaper would let another some time later.
            Job.objects.filter(pk=found.job_id).update(state=Job.State.QUEUED, attempts=0, not_before=None)
            job_run.run(job_id=found.job_id)
            found.refresh_from_db()
            time.sleep(0.02)
        if found.state != "done":
            raise RuntimeError(f"import {found.pk} is {found.state}: {found.error} {found.job.traceback}")
        return {"import": found.pk}

    def _row(self, event: Evidence) -> dict[str, Any]:
        number = self.stage.tracks.index(event.track_id)
        told = song(number, 0)
        blank = ("conn_country", "ip_addr", "episode_name", "episode_show_name", "spotify_episode_uri", "skipped")
        return dict.fromkeys((*blank, "offline", "offline_timestamp", "incognito_mode")) | {
            "ts": datetime.fromtimestamp(event.ended_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "ms_played": event.ms_played,
            "platform": draw.PLATFORM,
            "master_metadata_track_name": told.name,
            "master_metadata_album_artist_name": told.artists[0].name,
            "master_metadata_album_album_name": told.album.name,
            "spotify_track_uri": told.uri,
            "reason_start": draw.REASON,
            "reason_end": draw.REASON,
            "shuffle": event.shuffle,
        }

    def disconnect(self, deed: Deed) -> None:
        record.forget(user=self.stage.user(deed.person), origins=[Origin.POLL, Origin.WATCH], now=timezone.now())

    # --- What a person says -------------------------------------------------------------------------------------------
    def _plays(self, deed: Deed) -> list[Play]:
        return list(Play.objects.of(self.stage.user(deed.person)).order_by("started_at", "id"))

    def enter(self, deed: Deed) -> Result:
        chance = deed.chance()
        heard = chance.choice(self.storm.truth(deed.round, deed.person))
        ms = heard.start_s * 1000 + chance.randrange(-60, 60) * 1000
        return self._say(deed, "/log/add/", self.stage.tracks[heard.song], ms, heard.length_s)

    def edit(self, deed: Deed) -> Result:
        chance, plays = deed.chance(), self._plays(deed)
        done = HandPlay.objects.filter(user=self.stage.people[deed.person], act=deed.act).exists()
        if done or not plays:
            return {"act": deed.act if done else 0}
        play = chance.choice(plays)
        track = chance.choice([play.track_id, chance.choice(plays).track_id])
        ms = to_ms(play.started_at) + chance.choice([0, 0, -90_000, 45_000, 3_600_000])
        seconds = max(1, play.ms_played // 1000 - chance.choice([0, 5, 60]))
        return self._say(deed, f"/log/plays/{play.pk}/", track, ms, seconds)

    def _say(self, deed: Deed, path: str, track: int, start_ms: int, seconds: int) -> Result:
        zone = self.stage.user(deed.person).zone
        local = datetime.fromtimestamp(start_ms // 1000, UTC).astimezone(zone)
        form = {"act": deed.act, "track": track, "on": local.date().isoformat(), "at": f"{local:%H:%M:%S}"}
        # Gone since, not heard, or an hour that the clock of another zone jumped over: told so.
        answer = self._post(deed, path, 400, 404, 409, fold=local.fold, length=seconds, **form)
        is_said = answer.status_code == 302 and f"undo={deed.act}" in answer["Location"]
        return {"act": deed.act if is_said else 0}

    def undo(self, deed: Deed) -> Result:
        acts = list(
            HandPlay.objects.filter(user=self.stage.people[deed.person]).standing().values_list("act", flat=True)
        )
        return self._undone(deed, sorted(acts))

    def show(self, deed: Deed) -> Result:
        """Take back something hidden, or a word."""
        if deed.chance().random() < 0.5:
            return self.undo(deed)
        return self._undone(deed, sorted(each.act for each in hide.acts(self.stage.user(deed.person))))

    def _undone(self, deed: Deed, acts: list[int]) -> Result:
        if not acts:
            return {}
        act = deed.chance().choice(acts)
        self._post(deed, "/log/undo/", act=act)
        return {"undone": act}

    def hide(self, deed: Deed) -> Result:
        chance, plays = deed.chance(), self._plays(deed)
        if not plays:
            return {}
        first = chance.randrange(len(plays))
        chosen = [play.pk for play in plays[first : first + chance.randrange(1, 4)]]
        answer = self._post(deed, "/log/hide/", play=chosen, how=chance.choice(["hide", "remove"]))
        act = answer["Location"].partition("undo=")[2].partition("&")[0]
        return {"hidden": int(act) if act else 0}

    def delete(self, deed: Deed) -> None:
        if plays := self._plays(deed):
            play = deed.chance().choice(plays)
            msid = str(listens.msid(play.track_id))
            told = {"listened_at": to_ms(play.started_at) // 1000, "recording_msid": msid}
            self._program(deed, "/1/delete-listen", told)

    def say(self, deed: Deed) -> None:
        chance = deed.chance()
        track, other = chance.sample(self.stage.tracks, 2)
        answer = chance.choice(["same", "same", "apart"])
        form = {} if answer == "apart" and chance.random() < 0.5 else {"other": other}
        self._post(deed, "/recordings/say/", 404, track=track, answer=answer, **form)  # 404: not heard

    def unsay(self, deed: Deed) -> None:
        words = OwnGrouping.objects.of(self.stage.user(deed.person)).standing().order_by("id")
        if ids := list(words.values_list("pk", flat=True)):
            self._post(deed, f"/recordings/{deed.chance().choice(ids)}/undo/")

    def zone(self, deed: Deed) -> None:
        form = {"time_zone": deed.chance().choice(draw.ZONES), "theme": "follow", "week_starts_on": "1"}
        self._post(deed, "/settings/", **form)

    def rule(self, deed: Deed) -> None:
        chance = deed.chance()
        chosen = {
            "rule": chance.choice(["vibesite", "spotify", "finished"]),
            "groups_recordings": chance.random() < 0.8,
        }
        counting.choose(user=self.stage.user(deed.person), choices=chosen)

    def leave_out(self, deed: Deed) -> None:
        user, chance = self.stage.user(deed.person), deed.chance()
        about = {"kind": ListeningFilter.Kind.TRACK, "value": chance.choice(self.stage.tracks[-3:])}
        if row := ListeningFilter.objects.filter(user=user, **about).first():
            counting.take_back(row=row)
        else:
            self._post(deed, "/counting/leave-out/", 404, **about)

    # --- What operators, workers and hosts do -------------------------------------------------------------------------
    def join(self, deed: Deed) -> None:
        """Twins become one recording for everybody, or two again."""
        chance = deed.chance()
        pair = RecordingCandidate.objects.get(pk=chance.choice(self.stage.pairs))
        state = chance.choice([RecordingCandidate.State.JOINED, RecordingCandidate.State.APART])
        by = User.objects.get(pk=self.stage.operator)
        group.decide_all(pairs=[pair], state=state, by=by, now=timezone.now())

    def learn(self, deed: Deed) -> None:
        """Spotify tells other lengths of some tracks."""
        chance = deed.chance()
        numbers: list[int] = chance.sample(range(draw.TRACKS), 3)
        catalogue.tracks([song(each, _length(chance)) for each in numbers], timezone.now())

    def group(self, deed: Deed) -> None:
        group.run(now=timezone.now())

    def rebuild(self, deed: Deed) -> None:
        columns.rebuild(self.stage.user(deed.person))

    def thin(self, deed: Deed) -> None:
        columns.thin(before=timezone.now())
        shelf.thin(before=timezone.now() - READ_BY_THEN)

    def look(self, deed: Deed) -> None:
        look(self.stage, deed.person, deed.chance().choice(PAGES))


def _length(chance: Random) -> int:
    return chance.choice([60_000, 120_000, 200_000, 300_000, 500_000])


def look(stage: Stage, person: int, path: str) -> None:
    answer = stage.browser(person).get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")


def checked() -> None:
    """`rebuild_columns --check` on this host; SystemExit where something differs."""
    call_command("rebuild_columns", check=True, verbosity=0)
