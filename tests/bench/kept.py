"""Everything that a person meets while working with rules, at 100,000 kept tracks: processor time of each page.

    python -m tests.bench.world FOLDER       (once; `DATABASE_URL` for PostgreSQL)
    python -m tests.bench.kept FOLDER [--rounds 5] [--only rules] [--profile]

The person with a million plays is given 100,000 likes, playlists, what providers tell of each track, labels of their
own, and twelve rules out of the templates (once; the world remembers). Each visit is the first request of a process of
its own, as in `tests/bench/pages.py`: cold, after a new play, after a new like, after a label of the person's own, and
warm. Between the change and the visit nothing happens but what the product does itself. Milliseconds of the
process's own time, the median of the rounds; a page fails whose worst median reaches the bar.
"""

import argparse
import sys
import time
from typing import Any

import numpy as np

from tests.bench import pages, surroundings, world
from tests.bench.rules import ASKS

BAR_MS = 100
LIKES, UNHEARD, PLAYLISTS, RULES = 100_000, 5_000, 40, 12
TYPED = (
    "plays:10..",
    "title:a",
    "title:/^(night|love).*a$/i",
    "artist:night last_heard:90d | limit 50 by -plays, title | apart artist 3",
    "genre:rock energy:0.2..0.8 liked:yes -mood:sad",
    "language:en theme:love label:party | order random",
)
TRACKS = (
    "", "?q=na", "?source=liked", "?missing=moods&missing=words", "?by=title", "?by=artist&q=night", "?list={list}",
    "?after={track}",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="addresses that hold these words, with commas between")
    parser.add_argument("--profile", action="store_true", help="print where the time of the first visit goes")
    parser.add_argument("--when", default="play,like,label", help="after which changes to visit, beside cold and warm")
    options = parser.parse_args()
    world.enter(options.folder)
    from django.db import connection, connections

    import vibesite.wsgi  # noqa: F401  # as a preloaded web process has

    about = kept()
    pages.HANDLER.load_middleware()
    cookie, vendor = pages.signed_in("anna"), connection.vendor
    connections.close_all()
    asked = [each for each in addresses(about) if any(word in each for word in options.only.split(","))]
    print(f"{about['tracks']:,} tracks, {about['rules']} rules, {vendor}, {surroundings.load()}")
    if options.profile:
        for path in asked:
            pages.apart(lambda path=path: profile(cookie, path))
        return
    pages.apart(lambda: visit(cookie, "/rules/preview/"))  # the files that are derived once for all
    for when in {*CHANGES} - {"cold", *options.when.split(",")}:
        del CHANGES[when]
    columns = (*CHANGES, "warm")
    print(" ".join([" " * 72, *(f"{when:>6}" for when in columns), "queries"]))
    failed = 0
    for path in asked:
        told = measure(cookie, path, options.rounds)
        wrong = [when for when in columns if told[when] >= BAR_MS]
        failed += bool(wrong)
        verdict = f"FAIL {' '.join(wrong)}" if wrong else "ok"
        figures = " ".join(f"{told[when]:6.1f}" for when in columns)
        print(f"{path[:72]:72} {figures} {told['queries']:7}  {verdict}", flush=True)
    print(f"{len(asked)} pages, {failed} over {BAR_MS} ms; {surroundings.load()}")
    sys.exit(bool(failed))


def measure(cookie: str, path: str, rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {when: [] for when in (*CHANGES, "warm")}
    for number in range(rounds):
        for when, change in CHANGES.items():
            if when == "like" and number:
                continue  # to store a hundred thousand likes anew takes seconds
            pages.apart(lambda change=change, number=number: change(number))
            told = pages.apart(lambda when=when: visit(cookie, path, again=when == "cold"))
            taken[when].append(told["ms"])
            if when == "cold":
                taken["warm"].append(told["warm"])
                queries = told["queries"]
    return {when: pages.middle(spans) for when, spans in taken.items()} | {"queries": queries}


def visit(cookie: str, path: str, *, again: bool = False) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from vibesite.wsgi import warm_worker

    client = pages.browser(cookie)
    warm_worker()
    told: dict[str, Any] = {"ms": spent(client, path)}
    if again:
        told["warm"] = spent(client, path)
        with CaptureQueriesContext(connection) as captured:
            spent(client, path)
        told["queries"] = len(captured)
    return told


def spent(client: Any, path: str) -> float:
    """`path` with a typed query behind " " is what the builder asks with a keystroke."""
    began = time.process_time()
    address, _space, typed = path.partition(" ")
    if typed:
        words = {"face": "text", "typed": typed, "name": "Bench", "priority": "0", "do": "answer"}
        answer = client.post(address, words, headers=ASKS)
    else:
        answer = client.get(address)
    body = b"".join(answer) if answer.streaming else answer.content
    ms = (time.process_time() - began) * 1000
    if answer.status_code != 200 or (typed and b'id="answer"' not in body):
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return ms


def profile(cookie: str, path: str) -> dict[str, Any]:
    import cProfile
    import pstats

    from vibesite.wsgi import warm_worker

    client, watch = pages.browser(cookie), cProfile.Profile()
    warm_worker()
    watch.runcall(spent, client, path)
    print(path)
    told = pstats.Stats(watch).strip_dirs()
    told.sort_stats("tottime").print_stats(25)
    told.sort_stats("cumulative").print_stats(r"^(?!(base|exception|client|deprecation|functional|middleware)\.py)", 60)
    sys.stdout.flush()
    return {}


# --- Changes ---------------------------------------------------------------------------------------------------------
def nothing(_number: int) -> dict[str, Any]:
    return {}


def a_play(number: int) -> dict[str, Any]:
    return pages.hear_something("anna", number)


def a_like(number: int) -> dict[str, Any]:
    """One more like on top, as a reading of the account leaves it."""
    from django.utils import timezone

    from accounts.fields import to_ms
    from ingest.actions import sources
    from ingest.models import Track, TrackSource

    now = timezone.now()
    liked = TrackSource.objects.get(user__username="anna", kind="liked")
    old = sources.entries(liked)
    track = Track.objects.order_by("-id").exclude(pk__in=[old[0].track_id])[number]
    new = sources.Entry(f"spotify:track:{track.spotify_id}", track.pk, to_ms(now), False)
    sources.store(liked, [new, *old[: LIKES - 1]], now=now)
    return {}


def a_label(number: int) -> dict[str, Any]:
    from django.utils import timezone

    from accounts.models import User
    from ingest.actions import label
    from ingest.models import OwnFact

    user = User.objects.get(username="anna")
    track = OwnFact.objects.of(user).filter(field="labels").order_by("track_id")[number].track_id
    label.say(user=user, tracks=[track], field="energy", value=time.time_ns() % 1000 / 1000, now=timezone.now())
    return {}


CHANGES = {"cold": nothing, "play": a_play, "like": a_like, "label": a_label}


# --- The person ------------------------------------------------------------------------------------------------------
def addresses(about: dict[str, Any]) -> list[str]:
    builder = [f"/rules/new/?template=blank {typed}" for typed in TYPED]
    previews = [f"/rules/{pk}/preview/" for pk in about["pks"]]
    return [
        *builder, *previews, "/rules/preview/", "/rules/", f"/rules/{about['pks'][0]}/", "/rules/classic/",
        f"/tracks/{about['track']}/rules/", f"/rules/{about['pks'][0]}/preview/?track={about['track']}",
        *(f"/tracks/{words.format_map(about)}" for words in TRACKS),
        "/tracks/known/", "/tracks/known/?source=lastfm", "/tracks/known/lastfm.csv",
        f"/tracks/{about['track']}/facts/", "/library/", f"/library/sources/{about['liked']}/",
        f"/library/sources/{about['list']}/",
    ]  # fmt: skip


def kept() -> dict[str, Any]:
    """The person with a million plays as one who keeps tracks and rules; made once."""
    from accounts.models import User
    from ingest import columns
    from ingest.models import SourceTrack, TrackSource
    from playlists.models import Rule

    user = User.objects.get(username="anna")
    heard = np.unique(columns.load(user).track)
    if not TrackSource.objects.filter(user=user).exists():
        give(user, heard)
    sources = TrackSource.objects.filter(user=user)
    return {
        "rules": Rule.objects.of(user).count(),
        "pks": list(Rule.objects.of(user).values_list("pk", flat=True)),
        "tracks": SourceTrack.objects.filter(source__user=user).values("track").distinct().count(),
        "track": int(heard[0]),
        "liked": sources.get(kind="liked").pk,
        "list": sources.filter(kind="playlist").earliest("pk").pk,
    }


def give(user: Any, heard: np.ndarray) -> None:
    from datetime import UTC, datetime, timedelta

    from django.db import connection
    from django.utils import timezone

    from ingest import columns
    from ingest.actions import sources
    from ingest.models import Track, TrackSource
    from playlists.actions import rules
    from playlists.models import Rule
    from playlists.rules.templates import TEMPLATES

    chance, now = np.random.default_rng(11), timezone.now()
    every = np.fromiter(Track.objects.values_list("id", flat=True), dtype=np.int64)
    unheard = np.setdiff1d(every, heard)
    most = min(LIKES, heard.size)
    few = min(UNHEARD, most // 20, unheard.size)
    likes = chance.permutation(
        np.concatenate([chance.choice(heard, most - few, replace=False), chance.choice(unheard, few, replace=False)])
    )
    know(likes, np.union1d(heard, likes), user, chance)
    TrackSource.objects.create(user=user, kind="liked", total=likes.size)
    names = ("Road", "Night", "Kitchen", "Run")
    for number in range(PLAYLISTS):
        TrackSource.objects.create(
            user=user, kind="playlist", name=f"{names[number % 4]} {number}", spotify_id=f"w{number}"
        )
    for source in TrackSource.objects.filter(user=user):
        tracks = likes if source.kind == "liked" else chance.choice(likes, min(300, likes.size), replace=False)
        begin = datetime(2018, 1, 1, tzinfo=UTC)
        added = [begin + timedelta(minutes=int(at)) for at in np.sort(chance.integers(0, 4_000_000, tracks.size))[::-1]]
        entries = [
            sources.Entry(f"spotify:track:w{pk - 1:021}", pk, int(at.timestamp() * 1000), False)
            for pk, at in zip(tracks.tolist(), added, strict=True)
        ]
        sources.store(source, entries, now=now)
    for template in TEMPLATES[:RULES]:
        rules.save(rule=Rule(user=user, name=str(template.name)), query=template.query)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    for name in ("shelf", "shelf-library", "labels"):
        (columns.folder(user.pk) / name).unlink(missing_ok=True)


def know(likes: np.ndarray, tracks: np.ndarray, user: Any, chance: np.random.Generator) -> None:
    """What providers tell of most of these tracks, and the person of some."""
    from datetime import UTC, datetime

    from ingest.heard import FEATURES
    from ingest.models import AudioFeatures, Finding, ListenerCount, LyricsFacts, OwnFact, Tag, TrackTag

    at = datetime(2026, 6, 1, tzinfo=UTC)

    def some(share: float) -> list[int]:
        return tracks[chance.random(tracks.size) < share].tolist()

    measured = some(0.8)
    values = chance.random((len(measured), len(FEATURES))).round(3)
    values[:, FEATURES.index("tempo_bpm")] = 60 + 140 * values[:, FEATURES.index("tempo_bpm")]
    values[:, FEATURES.index("loudness_db")] = -30 * values[:, FEATURES.index("loudness_db")]
    world.copy(AudioFeatures, ("track_id", *FEATURES, "key", "mode", "sources"), (
        (pk, *row, pk % 12, pk % 2, '{"energy": "reccobeats"}')
        for pk, row in zip(measured, values.tolist(), strict=True)
    ), serial="")  # fmt: skip
    genres = Tag.objects.bulk_create(Tag(kind=Tag.Kind.GENRE, name=f"genre {n}") for n in range(299))
    genres += [Tag.objects.create(kind=Tag.Kind.GENRE, name="rock")]
    moods = Tag.objects.bulk_create(Tag(kind=Tag.Kind.MOOD, name=name) for name in ("sad", "happy", "calm", "angry"))
    told = [(pk, genres[(pk * 7 + n * 31) % 300].pk, 1 - n / 4) for pk in some(0.7) for n in range(1 + pk % 3)]
    told += [(pk, moods[pk % 4].pk, 0.8) for pk in some(0.3)]
    world.copy(TrackTag, ("id", "track_id", "tag_id", "weight", "source"), (
        (number, *row, "lastfm") for number, row in enumerate(told, start=1)
    ))  # fmt: skip
    world.copy(ListenerCount, ("id", "track_id", "listeners", "popularity", "sources"), (
        (number, pk, pk * 37 % 2_000_000, pk % 101, "{}") for number, pk in enumerate(some(0.8), start=1)
    ))  # fmt: skip
    fields = ("track_id", "language", "words", "themes", "explicit_words", "source")
    world.copy(LyricsFacts, fields, (
        (pk, ("en", "de", "fr", "")[pk % 4], 200, ('["love"]', '["night", "party"]', "[]")[pk % 3], 0, "lrclib")
        for pk in some(0.5)
    ), serial="")  # fmt: skip
    findings = [(pk, name, pk % 5) for name in ("reccobeats", "lastfm", "musicbrainz") for pk in tracks.tolist()]
    fields = ("id", "track_id", "provider", "version", "values", "confidence", "fetched_at")
    world.copy(Finding, tuple(f'"{name}"' for name in fields), (
        (number, pk, name, 1, '{"energy": 0.5}' if known else "{}", 1.0, at)
        for number, (pk, name, known) in enumerate(findings, start=1)
    ))  # fmt: skip
    OwnFact.objects.bulk_create(
        OwnFact(user=user, track_id=pk, field=field, value=value, made_at=at)
        for pk in likes[:300].tolist()
        for field, value in (("labels", ["party"]), ("rating", 1 + pk % 5), ("occasion", "dinner"))
    )


if __name__ == "__main__":
    main()
