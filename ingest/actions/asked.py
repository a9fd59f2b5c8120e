"""What people asked a provider about: tracks in line, a batch of each person in turn, each gone once it is answered."""

from collections.abc import Collection, Iterable, Mapping

from django.core.cache import cache
from django.db.models import Exists, F, Max, OuterRef, QuerySet

from accounts.models import Job
from ingest.models import AskedTrack, Asking, Finding
from ingest.providers.base import Provider, Values
from ingest.upsert import insert_missing

OF_ALL = 4  # every so many batches one is of what everybody hears, so that no question of one person stops that
TRIES = 8  # without an answer, while others are answered


def line_up(asking: Asking, tracks: Iterable[int]) -> None:
    """Put these behind the others of this question. In the caller's transaction; safe to repeat."""
    insert_missing(AskedTrack, ["asking_id", "track_id"], [(asking.pk, pk) for pk in tracks])
    Asking.objects.filter(pk=asking.pk).update(total=asking.tracks.count() + F("answered"))
    asking.refresh_from_db(fields=["total"])


def is_turn(provider: Provider) -> bool:
    """Whether the next batch is of what people asked, if there is any."""
    if not _open(provider).exists():
        return False
    key = f"asked-turn:{provider.name}"
    cache.add(key, -1, None)
    try:
        return cache.incr(key) % OF_ALL != OF_ALL - 1
    except ValueError:  # it went meanwhile
        return True


def next_ids(provider: Provider, size: int) -> list[int]:
    """The next tracks of whoever had no turn for the longest. What fails goes behind the others."""
    served: dict[int, int] = {}
    first: dict[int, int] = {}
    for pk, user, turn in _open(provider).order_by("pk").values_list("pk", "user_id", "turn"):
        served[user] = max(served.get(user, 0), turn)
        first.setdefault(user, pk)
    if not first:
        return []
    chosen = first[min(first, key=lambda user: (served[user], first[user]))]
    rows = list(AskedTrack.objects.filter(asking=chosen).order_by("tries", "pk")[:size].values_list("pk", "track_id"))
    AskedTrack.objects.filter(pk__in=[pk for pk, _track in rows]).update(tries=F("tries") + 1)
    newest = Asking.objects.filter(provider=provider.name).aggregate(newest=Max("turn"))["newest"] or 0
    Asking.objects.filter(pk=chosen).update(turn=newest + 1)
    return [track for _pk, track in rows]


def put_back(provider: Provider, tracks: Collection[int]) -> bool:
    """These were not asked after all; whether people had asked about them."""
    rows = AskedTrack.objects.filter(asking__provider=provider.name, track__in=tracks, tries__gt=0)
    return bool(rows.update(tries=F("tries") - 1))


def answered(provider: Provider, told: Mapping[int, Values]) -> None:
    """Nobody waits for these any more. In the transaction that keeps the answers."""
    rows = AskedTrack.objects.filter(asking__provider=provider.name, track__in=list(told))
    counts: dict[int, list[int]] = {}
    for asking, track in rows.values_list("asking_id", "track_id"):
        counts.setdefault(asking, []).append(track or 0)
    for asking, tracks in counts.items():
        found = sum(1 for pk in tracks if told[pk])
        Asking.objects.filter(pk=asking).update(found=F("found") + found, answered=F("answered") + len(tracks))
    rows.delete()


def pass_over(provider: Provider, tracks: Collection[int]) -> None:
    """They were answered meanwhile, by a question of somebody else's, or cannot be asked any more."""
    if tracks:
        said = Finding.objects.filter(provider=provider.name, track__in=tracks).values_list("track_id", "values")
        known = {pk or 0: values for pk, values in said}
        answered(provider, {pk: known.get(pk, {}) for pk in tracks})


def give_up(asking: Asking) -> int:
    """Take out what got no answer however often it was asked; how many."""
    return asking.tracks.filter(tries__gte=TRIES).delete()[0]


def forget_closed() -> int:
    """Questions whose jobs are done."""
    return Asking.objects.filter(job__state=Job.State.DONE).delete()[0]


def _open(provider: Provider) -> QuerySet[Asking]:
    waiting = AskedTrack.objects.filter(asking=OuterRef("pk"))
    return Asking.objects.filter(Exists(waiting), provider=provider.name, job__state__in=Job.OPEN)
