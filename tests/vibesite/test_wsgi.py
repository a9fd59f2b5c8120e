"""What a web process does before its first request."""

import sys


def test_warming_up_asks_no_database_and_leaves_nothing_to_import():
    """Without the `db` fixture any query fails: the processes forked after it must open connections of their own."""
    from vibesite import wsgi

    wsgi.warm()
    assert "numpy.ma" in sys.modules
