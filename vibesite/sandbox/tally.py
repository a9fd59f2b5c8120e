"""The account of an export: what an importer must arrive at."""

from __future__ import annotations

from collections import Counter

import msgspec


class Account(msgspec.Struct):
    """Counts over all history files of one export. Rows of each kind add up to `rows`."""

    format: str  # extended, endsong, account, account_old
    files: dict[str, int] = msgspec.field(default_factory=dict)  # history file → rows in it
    rows: int = 0
    tracks: int = 0  # music rows with a name or a URI
    episodes: int = 0
    chapters: int = 0  # audiobook rows
    nameless: int = 0  # rows that say nothing of what was played
    names_missing: int = 0  # of `tracks`: a URI without names
    uri_missing: int = 0  # of `tracks`: names without a URI
    exact_duplicates: int = 0  # rows with item, `ts` and `ms_played` of an earlier row, in this file or another
    zero_ms: int = 0
    short: int = 0  # under 30 s, zero among them
    incognito: int = 0
    offline: int = 0
    video: int = 0  # rows in video files
    distinct: int = 0  # rows less exact duplicates
    distinct_ms: int = 0  # listened in distinct rows
    distinct_tracks: int = 0  # different (URI or names) among music rows
    first: str = ""
    last: str = ""


class Tally:
    """Counts rows one by one. Keys hold what Spotify's importers may compare: item, moment, time played."""

    def __init__(self, format: str) -> None:
        self.account = Account(format)
        self._seen: set[tuple[str, str, str, int]] = set()
        self._tracks: set[str] = set()
        self._kinds: Counter[str] = Counter()

    def count(self, file: str, kind: str, item: str, moment: str, ms_played: int) -> None:
        account = self.account
        account.files[file] = account.files.get(file, 0) + 1
        self._kinds[kind] += 1
        account.zero_ms += ms_played == 0
        account.short += ms_played < 30_000
        key = (kind, item, moment, ms_played)
        if key in self._seen:
            account.exact_duplicates += 1
        else:
            self._seen.add(key)
            account.distinct_ms += ms_played
        if kind == "track":
            self._tracks.add(item)
        account.first = min(account.first or moment, moment)
        account.last = max(account.last, moment)

    def close(self) -> Account:
        account = self.account
        account.rows = self._kinds.total()
        account.tracks = self._kinds["track"]
        account.episodes = self._kinds["episode"]
        account.chapters = self._kinds["chapter"]
        account.nameless = self._kinds["nameless"]
        account.distinct = len(self._seen)
        account.distinct_tracks = len(self._tracks)
        return account
