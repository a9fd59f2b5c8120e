"""The broker for hosts without one: a kombu transport on one SQLite file, `vibesqlite:///path/to/file`.

A message is never taken out before it is acknowledged: it is *leased*, and comes back when its worker is dead. A thread
renews the leases of a living process, so a task, or a message that waits for its ETA, may last as long as it likes.
Leases of processes of this host that are gone are freed at once when a worker starts, and every few seconds after.
A message that was delivered more than `MAX_DELIVERIES` times kills its workers: it is laid in the table `dead`.
Decision: `docs/decisions/0004-embedded-broker.md`.
"""

import contextlib
import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import virtual

from accounts import process

logger = logging.getLogger(__name__)

LEASE_S = 30.0  # how long a message stays hidden if the lease is not renewed (only matters across hosts)
RENEW_EVERY_S = 8.0
MAX_DELIVERIES = 5  # deliveries that ended with the death of the worker, before a message is laid aside
POLL_S = (0.02, 0.05)  # the wait between two looks: the first after work, growing to the second
NEVER = (-1, -1)
LOOK_ANYWAY_S = 1.0  # leases run out without a write, so look this often even if nothing was written

SCHEMA = """
create table if not exists message (
  tag text primary key, queue text not null, priority integer not null, seq integer not null, body text not null,
  lease_until real not null default 0, owner text not null default '', deliveries integer not null default 0
) without rowid;
create index if not exists message_next on message (queue, priority, seq);
create index if not exists message_owner on message (owner) where owner <> '';
create table if not exists dead (
  tag text primary key, queue text not null, body text not null, deliveries integer not null, died_at real not null
) without rowid;
"""


class Store:
    """The file, with one connection per process (SQLite's must not cross a fork) and one lock for its threads."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._pid = 0
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self.owner = ""
        self._leaked: sqlite3.Connection | None = None
        self._news = 0  # own writes that make a message visible: `pragma data_version` does not count them

    @contextlib.contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        if self._pid != os.getpid():
            # After a fork the parent's connection is neither used nor closed: closing would drop the parent's locks.
            self._leaked, self._connection = self._connection, None
            self._lock, self._pid, self.owner = threading.RLock(), os.getpid(), process.identity()
        with self._lock:
            if self._connection is None:
                self._connection = self._open()
            yield self._connection

    def _open(self) -> sqlite3.Connection:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=20, isolation_level=None, check_same_thread=False)
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=normal")
        connection.executescript(SCHEMA)
        return connection

    def run(self, sql: str, *values: Any) -> list[tuple]:
        with self._use() as connection:
            return connection.execute(sql, values).fetchall()

    def version(self) -> tuple[int, int]:
        """Changes whenever anybody has written; next to free to ask for."""
        return self.run("pragma data_version")[0][0], self._news

    def close(self) -> None:
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    # --- messages ---

    def put(self, tag: str, queue: str, priority: int, body: str) -> None:
        self.run(
            "insert or replace into message (tag, queue, priority, seq, body) values (?, ?, ?, ?, ?)",
            tag,
            queue,
            priority,
            time.time_ns(),
            body,
        )
        self._news += 1

    def waiting(self, queues: list[str]) -> bool:
        """Whether any of these queues has a message to hand out; reads only, so it never waits for a writer."""
        marks = ",".join("?" * len(queues))
        sql = f"select 1 from message where queue in ({marks}) and lease_until <= ? limit 1"  # noqa: S608 - only marks
        return bool(self.run(sql, *queues, time.time()))

    def lease(self, queue: str, *, keep: bool) -> str | None:
        """Hand out the next message of `queue`, or None; without `keep` it is taken out at once."""
        while True:
            now = time.time()
            if not self.run("select 1 from message where queue=? and lease_until<=? limit 1", queue, now):
                return None
            rows = self.run(
                "update message set lease_until=?, owner=?, deliveries=deliveries+1 where tag=("
                " select tag from message where queue=? and lease_until<=? order by priority, seq limit 1"
                ") returning tag, body, deliveries",
                now + LEASE_S,
                self.owner,
                queue,
                now,
            )
            if not rows:
                return None  # another worker was quicker
            tag, body, deliveries = rows[0]
            if deliveries > MAX_DELIVERIES:
                self.bury(tag)
                continue
            if not keep:
                self.done(tag)
            return body

    def done(self, tag: str) -> None:
        self.run("delete from message where tag=?", tag)

    def give_back(self, tag: str, *, counted: bool) -> None:
        """Make a message visible again; a delivery that did no harm (a gentle stop) is not counted."""
        self.run(
            "update message set lease_until=0, owner='', deliveries=deliveries-? where tag=? and owner=?",
            0 if counted else 1,
            tag,
            self.owner,
        )
        self._news += 1

    def bury(self, tag: str) -> None:
        with self._use() as connection:
            connection.execute("begin immediate")
            try:
                connection.execute(
                    "insert or replace into dead select tag, queue, body, deliveries, ? from message where tag=?",
                    (time.time(), tag),
                )
                connection.execute("delete from message where tag=?", (tag,))
                connection.execute("commit")
            except sqlite3.Error:
                connection.execute("rollback")
                raise
        logger.error("message %s killed its worker %s times and was laid aside (table dead)", tag, MAX_DELIVERIES)

    # --- leases ---

    def renew(self) -> None:
        """Prolong what this process holds, free what dead processes of this host held."""
        self.run("update message set lease_until=? where owner=?", time.time() + LEASE_S, self.owner)
        self.free_dead()

    def free_dead(self) -> int:
        """Free the leases of processes of this host that are gone; those of living ones are not touched."""
        freed = 0
        for (owner,) in self.run("select distinct owner from message where owner <> '' and owner <> ?", self.owner):
            if process.is_dead(owner):
                freed += len(self.run("update message set lease_until=0, owner='' where owner=? returning tag", owner))
        if freed:
            self._news += 1
            logger.warning("%s messages of dead workers are handed out again", freed)
        return freed

    def counts(self) -> dict[str, int]:
        """Messages by queue, leased ones included; those laid aside under `dead`."""
        found = dict(self.run("select queue, count(*) from message group by queue"))
        return found | {"dead": self.run("select count(*) from dead")[0][0]}


_stores: dict[str, Store] = {}
_keepers: dict[tuple[str, int], threading.Thread] = {}


def store(path: str) -> Store:
    return _stores.setdefault(path, Store(path))


def _keep(path: str) -> None:
    """Start, once per process, the thread that renews its leases."""
    key = (path, os.getpid())
    if key not in _keepers:
        _keepers[key] = threading.Thread(target=_renew_for_ever, args=(path,), name="broker-leases", daemon=True)
        _keepers[key].start()


def _renew_for_ever(path: str) -> None:
    pause = threading.Event()
    while not pause.wait(RENEW_EVERY_S):
        try:
            store(path).renew()
        except sqlite3.Error:
            logger.exception("leases were not renewed; trying again in %s s", RENEW_EVERY_S)


class QoS(virtual.QoS):
    channel: "Channel"

    def ack(self, delivery_tag: str) -> None:
        self.channel.store.done(delivery_tag)
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if requeue:
            self.channel.store.give_back(delivery_tag, counted=True)
        else:
            self.channel.store.done(delivery_tag)
        super().ack(delivery_tag)


class Channel(virtual.Channel):
    QoS = QoS
    supports_fanout = False
    do_restore = True

    def __init__(self, connection: "Transport", **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        client: Any = connection.client
        self.store = store("/" + client.virtual_host.lstrip("/"))
        self._no_ack: set[str] = set()
        self._seen = (NEVER, 0.0)  # the file's version and the time of the last look that found nothing

    def basic_consume(self, queue: str, no_ack: bool, *args: Any, **kwargs: Any) -> Any:
        if no_ack:
            self._no_ack.add(queue)
        if not self._consumers:
            self.store.free_dead()  # a worker that starts takes up at once what its predecessor left
        _keep(self.store.path)
        return super().basic_consume(queue, no_ack, *args, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        try:
            message = self.Message(self._get(queue, keep=not no_ack), channel=self)
        except Empty:
            return None
        if not no_ack:
            _keep(self.store.path)
            self.qos.append(message, str(message.delivery_tag))
        return message

    def drain_events(self, timeout: float | None = None, callback: Any = None) -> Any:
        if not self._consumers or not self.qos.can_consume():
            raise Empty
        version, looked = self._seen
        now = time.monotonic()
        current = self.store.version()
        if current == version and now - looked < LOOK_ANYWAY_S:
            raise Empty
        if not self.store.waiting(self._active_queues):
            self._seen = (current, now)
            raise Empty
        self._seen = (NEVER, 0.0)
        return super().drain_events(timeout=timeout, callback=callback)

    def _get(self, queue: str, timeout: float | None = None, *, keep: bool | None = None) -> dict[str, Any]:
        body = self.store.lease(queue, keep=queue not in self._no_ack if keep is None else keep)
        if body is None:
            raise Empty
        return json.loads(body)

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        priority = self._get_message_priority(message, reverse=True)  # 9 is the most urgent, as with AMQP
        self.store.put(message["properties"]["delivery_tag"], queue, priority, json.dumps(message))

    def _restore(self, message: Any) -> None:
        """Give back what was handed out and not begun, when the worker ends gently."""
        self.store.give_back(message.delivery_tag, counted=False)

    _restore_at_beginning = _restore

    def _size(self, queue: str) -> int:
        return self.store.run("select count(*) from message where queue=?", queue)[0][0]

    def _purge(self, queue: str) -> int:
        return len(self.store.run("delete from message where queue=? and owner='' returning tag", queue))


class Transport(virtual.Transport):
    Channel = Channel
    driver_type = driver_name = "vibesqlite"
    default_port = None
    connection_errors = (*virtual.Transport.connection_errors, sqlite3.OperationalError)
    cycle: Any
    implements = virtual.Transport.implements.extend(
        asynchronous=True, exchange_type=frozenset(["direct", "topic"]), heartbeats=False
    )
    _loop: Any = None

    default_connection_params: dict[str, Any] = {}  # a file has no host name

    def driver_version(self) -> str:
        return sqlite3.sqlite_version

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """A worker whose broker has an event loop gives each process of its pool pipes of its own. Without one they
        share a queue and its lock, which a process that is killed while it waits for work takes with it for good."""
        self._loop = loop
        loop.on_tick.add(self._look)
        loop.call_repeatedly(POLL_S[1], bool)  # it must wake, as nothing tells it of a write to the file

    def close_connection(self, connection: Any) -> None:
        if self._loop is not None:
            self._loop.on_tick.discard(self._look)
        super().close_connection(connection)

    def _look(self) -> None:
        """Deliver all that may be handed out."""
        with contextlib.suppress(Empty):
            while True:
                self.cycle.get(self._deliver)

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:  # type: ignore[override]
        """Deliver one message, or raise TimeoutError after `timeout` seconds of looking ever less often."""
        end = None if timeout is None else time.monotonic() + timeout
        wait, longest = POLL_S
        while True:
            try:
                self.cycle.get(self._deliver, timeout=timeout)
            except Empty:
                if end is not None and time.monotonic() >= end:
                    raise TimeoutError from None
                time.sleep(wait if end is None else max(0.0, min(wait, end - time.monotonic())))
                wait = min(wait * 1.2, longest)
            else:
                return
