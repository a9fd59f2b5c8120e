"""`/_sandbox/` about one listener: the truth, plays by hand, the player, tokens, export zips."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from werkzeug.wrappers import Response

from vibesite.sandbox import exports, oauth, player, scopes, scrobbles, spotify_player, tokens
from vibesite.sandbox.control_door import a_moment, done, service, told, wrong
from vibesite.sandbox.model import TruePlay
from vibesite.sandbox.service import Call
from vibesite.sandbox.state import PlayerWord
from vibesite.sandbox.tokens import Token


def listener_of(call: Call) -> Any:
    """The listener of the path, or 404."""
    listener = call.world.find_listener(call.args["listener_id"])
    if listener is None:
        raise wrong("Nobody here is called that.", 404)
    return listener


def listener_shape(call: Call, listener: Any) -> dict[str, Any]:
    names = ("id", "account_id", "display_name", "about", "zone", "country", "product", "language", "email")
    shape = {name: getattr(listener, name) for name in names} | {"born": listener.born.isoformat()}
    apps = call.state.saved.apps.values()
    return shape | {"apps": [app.client_id for app in apps if app.extended or listener.id in app.allowlist]}


@service.route("/listeners")
def listeners(call: Call) -> list:
    return [listener_shape(call, listener) for listener in call.world.listeners]


@service.route("/listeners/<listener_id>")
def one_listener(call: Call) -> dict:
    return listener_shape(call, listener_of(call))


# The truth


def _span(call: Call, listener: Any) -> tuple[datetime, datetime]:
    """`from` and `to` of the query; the last seven days, or `all`."""
    end = a_moment(call.query["to"]) if "to" in call.query else call.now
    if call.query.get("from") == "all":
        born = listener.born
        return datetime(born.year, born.month, born.day, tzinfo=UTC) - timedelta(days=1), end
    return (a_moment(call.query["from"]) if "from" in call.query else end - timedelta(days=7)), end


def play_shape(call: Call, play: TruePlay) -> dict[str, Any]:
    shape = msgspec.to_builtins(play) | {"uri": play.uri, "told_as_recent": spotify_player.shows_as_played(play)}
    track = call.world.find_track(play.item_id) if play.kind == "track" else None
    if track is not None:
        shape |= {"name": track.name, "isrc": track.isrc, "recording": track.mbid, "duration_ms": track.duration_ms}
        shape["artists"] = [call.world.artist(one).name for one in track.artist_ids]
    return shape


@service.route("/truth/<listener_id>")
def truth(call: Call) -> dict:
    """Every play that ended in [from, to), also those that Spotify never tells of."""
    listener = listener_of(call)
    start, end = _span(call, listener)
    plays = call.world.plays(listener, start, end)
    return {
        "listener": listener.id,
        "from": start.isoformat(),
        "to": end.isoformat(),
        "count": len(plays),
        "recent_count": sum(map(spotify_player.shows_as_played, plays)),
        "ms_played": sum(play.ms_played for play in plays),
        "plays": [play_shape(call, play) for play in plays],
    }


@service.route("/truth/<listener_id>/top")
def true_top(call: Call) -> dict:
    """`what`: tracks, artists or albums, by plays that count (30 s, or half of a shorter track; none private)."""
    listener = listener_of(call)
    start, end = _span(call, listener)
    what = call.query.get("what", "tracks")
    counts: Counter[str] = Counter()
    ms: Counter[str] = Counter()
    for play in call.world.plays(listener, start, end):
        if play.kind != "track" or play.incognito:
            continue
        track = call.world.track(play.item_id)
        key = {"tracks": track.id, "albums": track.album_id, "artists": track.artist_ids[0]}.get(what)
        if key is None:
            raise wrong("what is tracks, artists or albums.")
        if play.ms_played >= 30_000 or play.ms_played * 2 >= track.duration_ms:
            counts[key] += 1
            ms[key] += play.ms_played
    look = {"tracks": call.world.track, "albums": call.world.album, "artists": call.world.artist}[what]
    ranked = sorted(counts, key=lambda key: (-counts[key], -ms[key], key))[: int(call.query.get("limit", "50"))]
    rows = [{"id": key, "name": look(key).name, "plays": counts[key], "ms_played": ms[key]} for key in ranked]
    return {"listener": listener.id, "what": what, "from": start.isoformat(), "to": end.isoformat(), "top": rows}


@service.route("/truth/<listener_id>/likes")
def true_likes(call: Call) -> list:
    pairs = call.world.liked(listener_of(call), call.now)
    return [{"added_at": added.isoformat(), "track_id": one} for added, one in pairs]


# By hand


@service.route("/listeners/<listener_id>/plays", methods=("POST",))
def add_play(call: Call) -> Response:
    """`track_id` (or `track`, a part of its name); `ended_at`, `started_at`, `ms_played` and any field of TruePlay."""
    return done(call, play_by_hand(call, told(call)), "people", 201)


def play_by_hand(call: Call, words: dict[str, Any]) -> dict[str, Any]:
    """Put it into the truth of the path's listener."""
    listener = listener_of(call)
    track_id = str(words.pop("track_id", "") or "")
    named = str(words.pop("track", "") or "")
    if not track_id and named:
        hits = call.world.search(named, "track", limit=1, offset=0)
        track_id = hits[0].id if hits else ""
    for name in ("ended_at", "started_at", "synced_at"):
        if name in words:
            words[name] = a_moment(words[name])
    if "ms_played" in words:
        words["ms_played"] = int(words["ms_played"])
    try:
        play = call.world.add_play(listener.id, track_id, **words)
    except KeyError:
        raise wrong("There is no such track.", 404) from None
    except (ValueError, TypeError) as exc:
        raise wrong(exc) from None
    return play_shape(call, play)


@service.route("/listeners/<listener_id>/player")
def show_player(call: Call) -> dict:
    now = player.playback(call.world, listener_of(call), call.now)
    return {"playback": msgspec.to_builtins(now[0]) if now else None, "told": now[1] if now else False}


@service.route("/listeners/<listener_id>/player", methods=("PUT", "POST"))
def tell_player(call: Call) -> Response:
    """Fields of PlayerWord: `track_id`, `progress_ms`, `is_playing`, `private_session`, `kind`, `silent` …"""
    listener = listener_of(call)
    words = {"track_id": None, "since": call.now.timestamp()} | told(call)
    try:
        word = msgspec.convert(words, PlayerWord, strict=False)
    except msgspec.ValidationError as exc:
        raise wrong(exc) from None
    if word.track_id is None and word.kind in ("track", "episode", "chapter"):
        word.silent = True
    elif word.track_id and player.item_of(call.world, word.kind, word.track_id) is None:
        raise wrong("There is no such track.", 404)
    player.tell(call.world, listener.id, word)
    return done(call, msgspec.to_builtins(word), "people")


@service.route("/listeners/<listener_id>/player", methods=("DELETE",))
def free_player(call: Call) -> dict:
    player.tell(call.world, listener_of(call).id, None)
    return {"told": False}


@service.route("/tokens", methods=("POST",))
def make_tokens(call: Call) -> dict:
    """`listener`, `client_id`, `scopes` (all if not told): as the token endpoint after a fresh consent."""
    words = told(call)
    app = call.state.app(str(words.get("client_id", "sandbox-app")))
    listener = call.world.find_listener(str(words.get("listener", "")))
    if app is None or listener is None:
        raise wrong("A known listener and client_id are needed.")
    wanted = words.get("scopes", list(scopes.SCOPES))
    try:
        granted = scopes.parse(wanted if isinstance(wanted, str) else " ".join(wanted))
    except ValueError as exc:
        raise wrong(f"There is no scope {exc}.") from None
    now = call.now.timestamp()
    grant = Token(
        "refresh",
        app.client_id,
        listener.id,
        scopes.pack(granted),
        consented_at=now,
        expires_at=oauth.six_months_after(now),
        generation=call.state.generation(app.client_id, listener.id),
        nonce=tokens.nonce(),
    )
    call.state.consent(app.client_id, listener.id, granted)
    return {
        "access_token": oauth.access_token(call.state.salt, grant, app, now),
        "token_type": "Bearer",
        "expires_in": app.access_s,
        "refresh_token": tokens.seal(call.state.salt, grant),
        "scope": " ".join(granted),
    }


# Privacy exports


def _zip(call: Call, name: str, write: Any) -> Response:
    listener = listener_of(call)
    until = a_moment(call.query["until"]) if "until" in call.query else call.now
    out = io.BytesIO()
    write(call.world, listener, until, out, old=call.query.get("old") in ("1", "true"))
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(out.getvalue(), content_type="application/zip", headers=disposition)


@service.route("/exports/<listener_id>/extended.zip")
def extended(call: Call) -> Response:
    """The whole history until now or `until`; `old=1` in the layout up to 2022."""
    return _zip(call, "my_spotify_data.zip", exports.extended_zip)


@service.route("/exports/<listener_id>/logs/<name>")
def scrobble_log(call: Call) -> Response:
    """What Last.fm, ListenBrainz, Maloja or a player of the listener's own holds: a name out of `scrobbles.LOGS`."""
    listener = listener_of(call)
    write = scrobbles.LOGS.get(call.args["name"])
    if write is None:
        raise wrong("There is no such log.", 404)
    until = a_moment(call.query["until"]) if "until" in call.query else call.now
    out = io.BytesIO()
    write(call.world, listener, until, out)
    disposition = {"Content-Disposition": f'attachment; filename="{call.args["name"]}"'}
    return Response(out.getvalue(), content_type="application/octet-stream", headers=disposition)


@service.route("/exports/<listener_id>/account.zip")
def account(call: Call) -> Response:
    """Account data: a year of history by the minute, library, playlists, and files that no importer may read."""
    return _zip(call, "my_spotify_data.zip", exports.account_zip)
