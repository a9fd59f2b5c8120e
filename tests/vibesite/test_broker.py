"""The embedded broker: leased, not taken; back when the worker is dead; in order; safe across forks."""

import os
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from kombu import Connection, Consumer, Exchange, Producer, Queue

import vibesite.celery  # noqa: F401 - registers the transport
from accounts import process
from vibesite import broker

DEAD = f"{process.host()}/4194399/1"
ELSEWHERE = "elsewhere/1/abcdef00/4242/1"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a folder with spaces & 100%" / "broker.sqlite3"


@pytest.fixture
def url(path):
    from urllib.parse import quote

    return f"vibesqlite://{quote(str(path))}"


def declare(name):
    return Queue(name, Exchange(name), routing_key=name)


def send(url, *bodies, queue="live", **options):
    with Connection(url) as connection, connection.channel() as channel:
        producer = Producer(channel)
        for body in bodies:
            producer.publish(
                body,
                exchange=Exchange(queue),
                routing_key=queue,
                declare=[declare(queue)],
                serializer="json",
                **options,
            )


def receive(url, count, queues=("live",), *, ack=True, prefetch=0, seconds=0.3):
    """The next bodies, read as a consumer does."""
    found = []

    def take(body, message):
        found.append(body)
        if ack:
            message.ack()

    with Connection(url) as connection, connection.channel() as channel:
        consumer = Consumer(channel, [declare(name) for name in queues], callbacks=[take])
        if prefetch:
            consumer.qos(prefetch_count=prefetch)
        with consumer:
            while len(found) < count:
                try:
                    connection.drain_events(timeout=seconds)
                except TimeoutError:
                    break
    return found


def rows(path, sql="select owner, lease_until, deliveries from message"):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_messages_arrive_in_order_and_are_gone_when_acknowledged(url, path):
    send(url, *range(5))
    assert receive(url, 9) == [0, 1, 2, 3, 4]
    assert rows(path) == []


def test_urgent_messages_come_first(url):
    send(url, "later")
    send(url, "now", priority=9)
    assert receive(url, 2) == ["now", "later"]


def test_no_queue_starves_another(url):
    send(url, *range(50), queue="bulk")
    send(url, "poll", queue="live")
    assert "poll" in receive(url, 4, queues=("bulk", "live"))


def test_prefetch_is_kept(url):
    send(url, *range(5))
    assert receive(url, 5, ack=False, prefetch=2) == [0, 1]


def test_what_was_not_acknowledged_at_a_gentle_end_comes_back_uncounted(url, path):
    send(url, "a")
    assert receive(url, 1, ack=False) == ["a"]
    assert rows(path) == [("", 0.0, 0)]
    assert receive(url, 1) == ["a"]


def test_a_leased_message_is_handed_to_nobody_else(url, path):
    send(url, "a")
    store = broker.store(str(path))
    assert store.lease("live", keep=True)
    assert store.lease("live", keep=True) is None
    assert receive(url, 1) == []


@pytest.mark.parametrize(
    ("owner", "comes_back"),
    [(DEAD, True), (ELSEWHERE, False), (process.identity(), False)],
    ids=["dead", "elsewhere", "alive"],
)
def test_a_worker_that_starts_frees_the_leases_of_the_dead_only(url, path, owner, comes_back):
    send(url, "a")
    broker.store(str(path)).run("update message set owner=?, lease_until=?", owner, time.time() + 20)
    assert receive(url, 1) == (["a"] if comes_back else [])


def test_a_lease_that_ran_out_is_handed_out_again(url, path):
    send(url, "a")
    broker.store(str(path)).run("update message set owner=?, lease_until=?", ELSEWHERE, time.time() - 1)
    assert receive(url, 1) == ["a"]


def test_a_living_process_renews_its_leases(url, path):
    send(url, "a")
    store = broker.store(str(path))
    store.lease("live", keep=True)
    store.run("update message set lease_until=?", time.time() + 0.5)
    store.renew()
    assert rows(path)[0][1] > time.time() + broker.LEASE_S - 5


def test_a_message_that_kills_its_workers_is_laid_aside(url, path):
    send(url, "poison", "good")
    store = broker.store(str(path))
    for _ in range(broker.MAX_DELIVERIES):
        store.lease("live", keep=True)
        store.run("update message set lease_until=0, owner='' where deliveries > 0")
    assert receive(url, 2) == ["good"]
    assert store.counts() == {"dead": 1}


def test_a_rejected_message_is_counted_when_it_is_requeued_and_gone_when_not(url, path):
    send(url, "a")
    with Connection(url) as connection, connection.channel() as channel:
        bound = declare("live")(channel)
        bound.declare()
        bound.get().reject(requeue=True)
        assert rows(path) == [("", 0.0, 1)]
        bound.get().reject()
    assert rows(path) == []


def test_without_acknowledgement_a_message_is_taken_out_at_once(url, path):
    send(url, "a")
    with Connection(url) as connection, connection.channel() as channel:
        bound = declare("live")(channel)
        bound.declare()
        assert bound.get(no_ack=True).payload == "a"
        assert bound.get(no_ack=True) is None
    assert rows(path) == []


def test_purge_leaves_what_is_being_worked_on(url, path):
    send(url, "a", "b")
    broker.store(str(path)).lease("live", keep=True)
    with Connection(url) as connection, connection.channel() as channel:
        bound = declare("live")(channel)
        bound.declare()
        assert bound.purge() == 1
        assert bound.queue_declare(passive=True).message_count == 1


def test_many_senders_and_readers_lose_and_double_nothing(url, path):
    total, found, lock = 300, [], threading.Lock()
    store = broker.Store(str(path))

    def write(start):
        for number in range(start, start + 100):
            store.put(f"t{number}", "live", 0, str(number))

    def read():
        other = broker.Store(str(path))
        while len(found) < total:
            body = other.lease("live", keep=True)
            if body is not None:
                other.done(f"t{body}")
                with lock:
                    found.append(int(body))
        other.close()

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 100, 200)]
    threads += [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(found) == list(range(total))


def test_a_forked_child_uses_a_connection_of_its_own(path):
    store = broker.Store(str(path))
    store.put("a", "live", 0, "from the parent")
    parent = store._connection
    child = os.fork()
    if child == 0:
        try:
            store.put("b", "live", 0, "from the child")
            os._exit(0 if store._connection is not parent and store.owner == process.identity() else 1)
        except BaseException:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert store.owner == process.identity()
    assert [store.lease("live", keep=True) for _ in range(2)] == ["from the parent", "from the child"]


def test_an_idle_consumer_costs_next_to_nothing(url):
    queues = [declare(name) for name in ("live", "sync", "bulk", "enrich", "insights")]
    with Connection(url) as connection, Consumer(connection.channel(), queues, callbacks=[print]):
        with pytest.raises(TimeoutError):
            connection.drain_events(timeout=0.2)
        spent = []
        for _window in range(3):  # of this thread alone, and the calmest: neighbours on the machine inflate the others
            before = time.thread_time()
            with pytest.raises(TimeoutError):
                connection.drain_events(timeout=0.7)
            spent.append(time.thread_time() - before)
        assert min(spent) / 0.7 < 0.03


def test_a_new_message_is_seen_soon(url):
    seen = []

    def take(body, message):
        seen.append(body)
        message.ack()

    with Connection(url) as connection, Consumer(connection.channel(), [declare("live")], callbacks=[take]):
        with pytest.raises(TimeoutError):
            connection.drain_events(timeout=0.3)
        subprocess.run([sys.executable, "-c", SEND, url], check=True)  # another process, as the web is
        connection.drain_events(timeout=0.5)
    assert seen == ["hello"]


SEND = """
import sys
sys.path.insert(0, ".")
from vibesite import broker
from kombu import Connection
from kombu.transport import TRANSPORT_ALIASES
TRANSPORT_ALIASES["vibesqlite"] = "vibesite.broker:Transport"
with Connection(sys.argv[1]) as connection:
    connection.SimpleQueue("live").put("hello")
"""


def test_an_unusable_file_is_a_connection_error(tmp_path):
    (tmp_path / "broker.sqlite3").mkdir()
    message = {"body": "", "properties": {"delivery_info": {}}}
    connection = Connection(f"vibesqlite://{tmp_path}/broker.sqlite3")
    with pytest.raises(connection.connection_errors):
        connection.channel().basic_publish(message, exchange="", routing_key="live")
