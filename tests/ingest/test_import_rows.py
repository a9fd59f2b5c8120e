"""Reading rows: any list of objects, cut into blocks anywhere, gives its rows once and in order."""

import io
import json
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.importers import rows
from ingest.importers.archive import Unreadable
from ingest.importers.base import moments
from ingest.importers.rows import RowReader, split


class Small(msgspec.Struct, gc=False):
    a: str | None = None
    b: int | None = None


nasty = st.text(alphabet='{}[]",:\\ \n\tab\u2028ü🎵', max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | nasty,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(nasty, inner, max_size=3),
    max_leaves=6,
)
objects = st.fixed_dictionaries({"a": st.none() | nasty, "b": st.none() | st.integers(-(2**60), 2**60)})
more_objects = st.builds(lambda found, more: {**more, **found}, objects, st.dictionaries(nasty, values, max_size=2))


def read(content: bytes) -> tuple[list[tuple[int, str | None, int | None]], list[int], str]:
    reader = RowReader(io.BytesIO(content))
    good, bad = [], []
    for block in reader.blocks(Small):
        good += [(number, row.a, row.b) for number, row in zip(block.numbers, block.rows, strict=True)]
        bad += [each.row for each in block.bad]
    return good, bad, reader.note


@given(
    found=st.lists(st.one_of(objects, more_objects, values), max_size=30),
    block=st.integers(5, 200),
    indent=st.sampled_from([None, 1]),
    lines=st.booleans(),
)
def test_any_list_is_read_whole_however_blocks_are_cut(found, block, indent, lines) -> None:
    if lines:
        found = [each for each in found if isinstance(each, dict)]
        content = b"\n".join(json.dumps(each).encode() for each in found)
    else:
        content = json.dumps(found, indent=indent, ensure_ascii=False).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "BLOCK_BYTES", block)
        if lines and not found:
            with pytest.raises(Unreadable):
                read(content)
            return
        good, bad, note = read(content)
    assert note == ""
    assert [number for number, *_rest in good] == [n for n, each in enumerate(found, 1) if isinstance(each, dict)]
    assert sorted([*bad, *(number for number, *_rest in good)]) == list(range(1, len(found) + 1))
    for number, a, b in good:
        told = found[number - 1]
        if isinstance(told.get("a"), str):
            assert a == told["a"]
        if type(told.get("b")) is int:
            assert b == told["b"]


@given(found=st.lists(more_objects, min_size=1, max_size=12), block=st.integers(5, 200), cut=st.integers(1, 400))
def test_a_cut_list_gives_the_rows_before_the_cut(found, block, cut) -> None:
    content = json.dumps(found).encode()
    content = content[: max(1, len(content) - cut)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "BLOCK_BYTES", block)
        good, bad, note = read(content)
    assert note.startswith("Cut after row")
    assert [number for number, *_rest in good] == list(range(1, len(good) + 1))
    assert not bad
    whole = [json.dumps(each) for each in found]
    fitting = [n for n in range(len(found) + 1) if len("[" + ", ".join(whole[:n])) <= len(content)]
    assert len(good) == fitting[-1]


@given(content=st.binary(max_size=200), block=st.integers(5, 60), in_list=st.booleans())
def test_no_bytes_make_reading_raise(content, block, in_list) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "BLOCK_BYTES", block)
        patch.setattr(rows, "ELEMENT_BYTES", 40)
        try:
            good, bad, _note = read((b"[" if in_list else b"{") + content)
        except Unreadable:
            return
    assert sorted([*bad, *(number for number, *_rest in good)]) == list(range(1, len(good) + len(bad) + 1))


def test_a_long_element_is_passed_over_wherever_its_quotes_and_braces_stand() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "BLOCK_BYTES", 64)
        patch.setattr(rows, "ELEMENT_BYTES", 100)
        long = {"a": 'x\\"}]{[' * 200, "c": [{"d": "}" * 50}]}
        good, bad, note = read(json.dumps([{"a": "before"}, long, {"a": "after"}]).encode())
    assert [row[:2] for row in good] == [(1, "before"), (3, "after")]
    assert (bad, note) == ([2], "")


def test_millions_of_things_that_are_no_rows_are_given_up_on() -> None:
    content = b'[{"a":"x"},' + b"1," * 200_000 + b'{"a":"y"}]'
    good, bad, note = read(content)
    assert len(good) == 1
    assert len(bad) <= rows.HOPELESS + rows.BLOCK_ROWS
    assert note.startswith("Stopped after row")


def test_splitting_takes_linear_time_on_an_open_string() -> None:
    started = datetime.now(tz=UTC)
    elements, rest, closed = split(b'[{"a": "' * 50_000, False, False)
    assert (elements, closed) == ([], False)
    assert len(rest) == 400_000
    assert datetime.now(tz=UTC) - started < timedelta(seconds=5)


# --- Moments ---------------------------------------------------------------------------------------------------------
@given(st.lists(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)), max_size=20))  # noqa: DTZ001
def test_moments_agree_with_the_calendar(found: list[datetime]) -> None:
    found = [each.replace(microsecond=0, tzinfo=UTC) for each in found]
    ms, good = moments([each.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0") for each in found], 20)
    assert good.all()
    assert ms.tolist() == [(each - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) for each in found]
    ms, good = moments([f"{each:%Y-%m-%d %H:%M}".rjust(16, "0") for each in found], 16)
    assert good.all()
    assert (ms % 60_000 == 0).all()


@given(st.lists(st.text(alphabet="0123456789-T:Z ٣é", min_size=15, max_size=21), max_size=10))
def test_no_text_makes_moments_raise(found: list[str]) -> None:
    ms, good = moments(found, 20)
    assert len(ms) == len(good) == len(found)


def test_moments_that_are_none() -> None:
    texts = ["2021-02-29T00:00:00Z", "2021-00-10T00:00:00Z", "2021-01-01T24:00:00Z", "2021-01-01T00:60:00Z", None, ""]
    assert not moments(texts, 20)[1].any()
    assert moments(["2020-02-29T00:00:00Z", "1900-03-01T00:00:00Z"], 20)[1].all()


def test_moments_without_a_zone_are_utc() -> None:
    ms, good = moments(["2021-01-01T00:00:00", "2021-01-01 00:00", "2021-01-01T01:00:00+01:00"], 20)
    assert good.all()
    assert len(np.unique(ms)) == 1
