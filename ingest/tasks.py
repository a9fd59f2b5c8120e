"""Celery's side of `ingest`: ids in, one action each, harmless when run twice. Handlers of jobs are registered here."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from ingest import columns, shelf
from ingest.actions import ask, covers, enrich, export, fetch, group, imports, list_search, player, poll, pull, want

__all__ = ["ask"]  # its handler is registered by importing it

KEEP_CHANGES = timedelta(days=30)  # a host whose columns and shelves slept for longer rebuilds them


@shared_task(name="ingest.plan_polls")
def plan_polls(**_from_newer_code: object) -> int:
    """Hand out the polls whose turn it is."""
    turns = poll.hand_out(now=timezone.now())
    for connection_id, claim in turns:
        poll_connection.apply_async(kwargs={"connection_id": connection_id, "claim": claim}, queue="live")
    return len(turns)


@shared_task(name="ingest.poll_connection")
def poll_connection(*, connection_id: int, claim: int | None = None, **_from_newer_code: object) -> int:
    return poll.run(connection_id=connection_id, claim=claim, now=timezone.now())


@shared_task(name="ingest.plan_looks")
def plan_looks(**_from_newer_code: object) -> int:
    """Hand out the looks at players that are watched for skips."""
    people = player.hand_out(now=timezone.now())
    for user_id in people:
        look_at_player.apply_async(kwargs={"user_id": user_id, "watching": True}, queue="live", expires=15)
    return len(people)


@shared_task(name="ingest.look_at_player")
def look_at_player(*, user_id: int, watching: bool = False, **_from_newer_code: object) -> None:
    player.look(user_id=user_id, now=timezone.now(), watching=watching)


@shared_task(name="ingest.pull_libraries")
def pull_libraries(**_from_newer_code: object) -> int:
    """Start the daily read of everybody's likes and playlists, and go on with links of imported lists."""
    now = timezone.now()
    list_search.forget_old(now=now)
    return pull.start_due(now=now) + fetch.start_waiting(now=now)


@shared_task(name="ingest.fetch_cover")
def fetch_cover(*, album_id: int, **_from_newer_code: object) -> bool:
    return covers.fetch(album_id=album_id, now=timezone.now())


@shared_task(name="ingest.forget_old_covers")
def forget_old_covers(**_from_newer_code: object) -> int:
    return covers.forget_old(now=timezone.now())


@shared_task(name="ingest.thin_changes")
def thin_changes(**_from_newer_code: object) -> int:
    """Forget the changes that every derived file has read by now; one that has not is rebuilt."""
    before = timezone.now() - KEEP_CHANGES
    return columns.thin(before=before) + shelf.thin(before=before)


@shared_task(name="ingest.sweep_imports")
def sweep_imports(**_from_newer_code: object) -> int:
    """End imports whose job was given up, and delete uploads nobody will read any more."""
    return imports.sweep(now=timezone.now())


@shared_task(name="ingest.group_recordings")
def group_recordings(**_from_newer_code: object) -> int:
    """Join new and changed tracks that are one recording."""
    return group.run(now=timezone.now())


@shared_task(name="ingest.expire_exports")
def expire_exports(**_from_newer_code: object) -> int:
    """Delete exports a week after they were made, and files of people who left."""
    return export.sweep(now=timezone.now())


@shared_task(name="ingest.enrich")
def enrich_heard(**_from_newer_code: object) -> int:
    """Take up what people heard since, and hand out turns to ask providers about it."""
    want.refresh(now=timezone.now())
    turns = enrich.hand_out(now=timezone.now())
    for turn in turns:
        ask_provider.apply_async(kwargs={"provider": turn.provider, "claim": turn.claim}, queue="enrich")
    return len(turns)


@shared_task(name="ingest.ask_provider")
def ask_provider(*, provider: str, claim: str, **_from_newer_code: object) -> None:
    """Use a turn, and hand it on for the time when it may go on: nothing waits here."""
    turn = enrich.run(provider=provider, claim=claim, clock=timezone.now)
    if turn is not None:
        kwargs = {"provider": turn.provider, "claim": turn.claim}
        ask_provider.apply_async(kwargs=kwargs, queue="enrich", countdown=turn.wait_s)
