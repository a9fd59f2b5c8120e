"""Spotify's account data: the last year by the minute, the library, and much that is nobody's business."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from .chance import dice, hexes
from .export_rows import Names, item_of, kind_of
from .listeners import Listener
from .tally import Account, Tally
from .zips import Zip, pdf

ROWS_PER_FILE = 10_000
YEAR = timedelta(days=365)
PUBLISHED = {"track": "music", "episode": "podcast", "chapter": "audiobook"}


def write_account(world: Any, listener: Listener, until: datetime, archive: Zip, old: bool) -> Account:
    """All files of the package. Old ones mix music and podcasts in `StreamingHistoryN.json` and know no audiobooks."""
    tally = Tally("account_old" if old else "account")
    folder = "MyData" if old else "Spotify Account Data"
    rows = _rows(world, listener, until)
    if old:
        mixed = [row for row in rows if row[0] != "chapter"]
        _history(archive, f"{folder}/StreamingHistory{{}}.json", mixed, old, tally)
    else:
        for kind, word in PUBLISHED.items():
            chosen = [row for row in rows if row[0] == kind]
            if chosen or kind == "track":
                _history(archive, f"{folder}/StreamingHistory_{word}_{{}}.json", chosen, old, tally)
    if archive.wanted:
        for name, content in _others(world, listener, until):
            archive.add(f"{folder}/{name}", msgspec.json.format(msgspec.json.encode(content), indent=2))
        archive.add(f"{folder}/Read_Me_First.pdf", pdf("Read Me First: Account Data"))
    return tally.close()


def _rows(world: Any, listener: Listener, until: datetime) -> list[tuple[str, str, str, str, int]]:
    """(kind, end by the minute, whose, what, ms) of a year, by end. Private sessions stay out."""
    names = Names(world)
    rows = []
    for play in world.plays(listener, until - YEAR, until):
        if play.incognito:
            continue
        kind = kind_of(play)
        if kind == "episode":
            what, who, _ = names.episode(play.item_id)
        elif kind == "chapter":
            what, _, _, _ = names.chapter(play.item_id)
            who = world.spoken.audiobook(world.spoken.chapter(play.item_id).audiobook_id).author
        else:
            what, who, _, _ = names.track(item_of(play))
        rows.append((kind, play.ended_at.strftime("%Y-%m-%d %H:%M"), who, what, play.ms_played))
    return rows


def _history(archive: Zip, pattern: str, rows: list[tuple[str, str, str, str, int]], old: bool, tally: Tally) -> None:
    for number, start in enumerate(range(0, max(1, len(rows)), ROWS_PER_FILE)):
        name = pattern.format(number)
        batch = rows[start : start + ROWS_PER_FILE]
        tally.account.files.setdefault(name, 0)
        for kind, ended, who, what, played in batch:
            tally.count(name, "track" if old else kind, f"{who}\n{what}", ended, played)
        if archive.wanted:
            told = [_row("track" if old else row[0], *row[1:]) for row in batch]
            archive.add(name, msgspec.json.format(msgspec.json.encode(told), indent=2))


def _row(kind: str, ended: str, who: str, what: str, played: int) -> dict[str, Any]:
    if kind == "episode":
        return {"endTime": ended, "podcastName": who, "episodeName": what, "msPlayed": played}
    if kind == "chapter":
        return {"endTime": ended, "audiobookName": what, "authorName": who, "msPlayed": played}
    return {"endTime": ended, "artistName": who, "trackName": what, "msPlayed": played}


def _others(world: Any, listener: Listener, until: datetime) -> Iterable[tuple[str, Any]]:
    """Everything but history: names of files and what is in them. Identity and payment are made up as well."""
    names = Names(world)
    yield "YourLibrary.json", _library(world, names, listener, until)
    yield "Playlist1.json", {"playlists": _playlists(world, names, listener, until)}
    yield (
        "Userdata.json",
        {
            "username": listener.id,
            "email": listener.email,
            "country": listener.country,
            "createdFromFacebook": False,
            "facebookUid": None,
            "birthdate": listener.birth_date.isoformat(),
            "gender": "neutral",
            "postalCode": None,
            "mobileNumber": None,
            "mobileOperator": None,
            "mobileBrand": None,
            "creationTime": listener.born.isoformat(),
        },
    )
    yield (
        "Payments.json",
        {
            "payment_method": "Credit card",
            "payment_date": until.strftime("%Y-%m-%d"),
            "card": "************0000",
            "country": listener.country,
        },
    )
    yield (
        "Identity.json",
        {"displayName": listener.display_name, "firstName": None, "imageUrl": None, "verified": False},
    )
    yield "Identifiers.json", {"identifierType": "email", "identifierValue": listener.email}
    yield "Inferences.json", {"inferences": _inferences(listener)}
    yield "Follow.json", {"userIsFollowing": [world.partner(listener).id], "userIsFollowedBy": [], "userIsBlocking": []}
    yield "SearchQueries.json", _searches(world, listener, until)
    yield "Marquee.json", []


def _library(world: Any, names: Names, listener: Listener, until: datetime) -> dict[str, Any]:
    tracks = []
    for _, id in world.liked(listener, until):
        title, artist, album, uri = names.track(id)
        tracks.append({"artist": artist, "album": album, "track": title, "uri": uri})
    albums = []
    for _, id in world.saved_albums(listener, until):
        album = world.album(id)
        artist = world.artist(album.artist_ids[0]).name
        albums.append({"artist": artist, "album": album.name, "uri": f"spotify:album:{id}"})
    artists = [{"name": world.artist(id).name, "uri": f"spotify:artist:{id}"} for id in world.followed(listener, until)]
    return {
        "tracks": tracks,
        "albums": albums,
        "shows": [],
        "episodes": [],
        "bannedTracks": [],
        "artists": artists,
        "bannedArtists": [],
        "other": [],
    }


def _playlists(world: Any, names: Names, listener: Listener, until: datetime) -> list[dict[str, Any]]:
    told = []
    for playlist in world.playlists(listener, until):
        if playlist.owner_id != listener.id:
            continue
        items = []
        for item in playlist.items:
            added = (item.added_at or playlist.created_at).strftime("%Y-%m-%d")
            track = episode = local = None
            if item.track_id:
                title, artist, album, uri = names.track(item.track_id)
                track = {"trackName": title, "artistName": artist, "albumName": album, "trackUri": uri}
            elif item.episode_id:
                name, show, uri = names.episode(item.episode_id)
                episode = {"episodeName": name, "showName": show, "episodeUri": uri}
            elif item.local:
                artist, album, title, seconds = item.local
                local = {"uri": f"spotify:local:{artist}:{album}:{title}:{seconds}"}
            items.append({"track": track, "episode": episode, "localTrack": local, "addedDate": added})
        changed = max((item["addedDate"] for item in items), default=playlist.created_at.strftime("%Y-%m-%d"))
        told.append(
            {
                "name": playlist.name,
                "lastModifiedDate": changed,
                "collaborators": [world.partner(listener).id] if playlist.collaborative else [],
                "items": items,
                "description": playlist.description or None,
                "numberOfFollowers": 0,
            }
        )
    return told


def _inferences(listener: Listener) -> list[str]:
    tastes = [name for name, weight in listener.tastes if weight >= 1]
    return [f"1P_Custom_{name.title().replace(' ', '_')}_{listener.country}" for name in tastes]


def _searches(world: Any, listener: Listener, until: datetime) -> list[dict[str, Any]]:
    chance = dice(hexes("searches", listener.id), until.date().isoformat())
    told = []
    for _, id in world.liked(listener, until)[:25]:
        at = until - timedelta(minutes=chance.randrange(80 * 24 * 60))
        told.append(
            {
                "platform": "IPHONE",
                "searchTime": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z[UTC]",
                "searchQuery": world.track(id).name[:9].casefold(),
                "searchInteractionURIs": [f"spotify:track:{id}"],
            }
        )
    return told
