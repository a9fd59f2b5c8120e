"""What a web process does before its first request."""

import os
import resource
import sys


def test_warming_up_asks_no_database_and_leaves_nothing_to_import():
    """Without the `db` fixture any query fails: the processes forked after it must open connections of their own."""
    from vibesite import wsgi

    wsgi.warm()
    assert "numpy.ma" in sys.modules


def test_a_worker_holds_the_memory_of_large_figures():
    """Arrays that come and go cost no page of memory after the first; in a process of its own, as it stays so."""
    child = os.fork()
    if not child:
        from vibesite import wsgi

        wsgi.hold_memory(64 << 20)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(4):
            [bytearray(16 << 20) for _ in range(3)]
        os._exit(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before > 1_000)  # each round were 12,288
    assert os.waitpid(child, 0)[1] == 0
