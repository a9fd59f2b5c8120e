"""What follows the first bar of a typed query: `| limit 50 by -plays | order random | apart artist 3 album 2`."""

from dataclasses import replace

from playlists.rules.nodes import MINUTES, TRACKS, Apart, Limit, Order, Query
from playlists.rules.text_scan import Scan


def settings(scan: Scan, query: Query) -> Query:
    """`query` with all settings that follow. Invalid if they are none."""
    said: set[str] = set()
    while scan.peek() == "|":
        scan.take(1)
        start = scan.skip()
        name = scan.word()
        if name in said:
            scan.fail("twice", at=start, end=scan.last, found=name)
        said.add(name)
        if name == "limit":
            query = replace(query, limit=_limit(scan, start))
        elif name == "order":
            query = replace(query, order=_orders(scan))
        elif name == "apart":
            query = replace(query, apart=_apart(scan, start))
        else:
            scan.fail("no_such_setting", at=start, end=scan.last, found=name)
    if scan.peek():
        scan.fail("stray", found=scan.peek())
    return query


def _limit(scan: Scan, start: int) -> Limit:
    amount = _whole(scan)
    if amount is None:
        scan.fail("bad_limit", at=start, end=scan.last)
    unit = TRACKS
    by: tuple[Order, ...] = ()
    before = scan.skip()
    word = scan.word()
    if word in (TRACKS, MINUTES):
        unit = word
        before = scan.skip()
        word = scan.word()
    if word == "by":
        by = _orders(scan)
    elif word:
        if word.isidentifier() and word not in ("order", "apart"):
            unit = word
        else:
            scan.fail("bad_limit", at=before, end=scan.last)
    return Limit(amount, unit, by)


def _orders(scan: Scan) -> tuple[Order, ...]:
    """-plays, title"""
    found = []
    while True:
        scan.skip()
        descending = scan.here("-")
        scan.at += descending
        name = scan.quotation() if scan.here('"') else scan.name()
        if not name and scan.source[scan.at - 1 : scan.at] != '"':
            scan.fail("no_value")
        found.append(Order(name, descending))
        if scan.peek() != ",":
            return tuple(found)
        scan.take(1)


def _apart(scan: Scan, start: int) -> Apart:
    found = Apart()
    while scan.peek() not in ("", "|"):
        what, number = scan.word(), None
        scan.skip()
        number = _whole(scan)
        if number is None or what not in ("artist", "album"):
            scan.fail("bad_apart", at=start, end=scan.last)
        found = Apart(number, found.album) if what == "artist" else Apart(found.artist, number)
    return found


def _whole(scan: Scan) -> int | None:
    scan.skip()
    word = scan.word()
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 10 else None
