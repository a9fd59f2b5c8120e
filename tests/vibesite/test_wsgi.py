"""What a web process does before its first request."""

import os
import resource
import sys
from collections.abc import Callable


def test_warming_up_asks_no_database_and_leaves_nothing_to_import():
    """Without the `db` fixture any query fails: the processes forked after it must open connections of their own."""
    from vibesite import wsgi

    wsgi.warm()
    assert "numpy.ma" in sys.modules


def faults_of(work: Callable[[], object]) -> int:
    """Pages of memory that `work` takes anew, up to 255 thousand, in a process of its own."""
    child = os.fork()
    if not child:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        work()
        os._exit(min(255, (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 1_000))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * 1_000


def test_a_worker_holds_the_memory_of_large_figures():
    """Arrays that come and go cost no page of memory after the first."""
    from vibesite import wsgi

    def figures() -> None:
        wsgi.hold_memory(64 << 20)
        for _ in range(9):
            [bytearray(16 << 20) for _ in range(3)]

    assert faults_of(figures) <= 50_000  # once 16,384 and what a shared heap costs; nine times 12,288 without


def test_a_request_finds_room_for_all_its_frames():
    """Wherever in the stack a loop is, its calls take no memory of the system."""
    from django.http import HttpRequest, HttpResponse

    from vibesite.middleware import one_stack

    def down(depth: int) -> None:
        if depth:
            list(map(down, [depth - 1]))  # by way of C, as templates do
        for _ in range(4_000):
            sorted("ab", key=lambda letter: letter)

    def view(request: HttpRequest) -> HttpResponse:
        down(150)
        return HttpResponse()

    assert faults_of(lambda: one_stack(view)(HttpRequest())) == 0
