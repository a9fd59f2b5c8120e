"""The front page at `/` and the control desk at `/_sandbox/`, for people. Forms only, no script."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox import control_people, player
from vibesite.sandbox.control_door import done, service, told
from vibesite.sandbox.faults import KINDS
from vibesite.sandbox.pages import CSS, html_response, options, table
from vibesite.sandbox.service import Call, Service
from vibesite.sandbox.spotify_door import quota_used
from vibesite.sandbox.state import OPTIONS, App

home = Service("home", "Front page", prefix="")


@service.route("/sandbox.css")
def stylesheet(call: Call) -> Response:
    return Response(CSS, content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=300"})


@home.route("/")
def index(call: Call) -> Response:
    """What stands here."""
    cards = "".join(_service_card(one) for one in call.sandbox.services if one.name not in ("home", "control"))
    world = call.world
    figures = f"{len(world.artists):,} artists, {len(world.albums):,} albums, {len(world.tracks):,} tracks"
    body = f"""<h1>A whole music world, made up</h1>
<p>{figures}, and {len(world.listeners)} people who listen to them, each with a life and years of history. Around it
stand the services that Vibesite speaks with, as strict and as odd as the real ones, over real HTTP. The same salt
(<code>{escape(str(call.state.salt))}</code>) always makes the same world.</p>
<p>It is <b>{call.now:%A %d %B %Y, %H:%M:%S} UTC</b> here.
<a href="/_sandbox/">Go to the control desk</a> to move time, break things, and ask for the truth.</p>
<h2>What stands here</h2><ul class="grid">{cards}</ul>"""
    return html_response("What stands here", body)


def _service_card(one: Service) -> str:
    samples = "".join(f"<li><code>{escape(path)}</code>" for path in one.examples)
    samples = f"<ul>{samples}</ul>" if samples else ""
    prefix = escape(one.prefix or "/")
    return (
        f'<li class="card"><h3>{escape(one.title)}</h3><p class="small"><code>{prefix}</code></p>'
        f'<p>{escape(one.about)}</p><div class="small soft">{samples}</div></li>'
    )


@service.route("/")
def desk(call: Call) -> Response:
    sections = (_clock, _people, _faults, _apps, _consents, _options, _log, _end)
    body = "<h1>Control desk</h1>" + "".join(section(call) for section in sections)
    return html_response("Control desk", body)


def _button(label: str, action: str, fields: dict[str, str], *, main: bool = False) -> str:
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())
    style = ' class="main"' if main else ""
    return (
        f'<form class="inline" method="post" action="{action}">{hidden}<button{style}>{escape(label)}</button></form>'
    )


def _clock(call: Call) -> str:
    now = call.clock.as_dict()
    words = (
        "real time" if now["real"] else f"{now['rate']:g} seconds a second, {now['offset_s']:+,.0f} s from real time"
    )
    jumps = (("+1 minute", 60), ("+1 hour", 3600), ("+1 day", 86400), ("+6 months", 184 * 86400))
    buttons = " ".join(_button(label, "/_sandbox/clock", {"jump_s": str(span)}) for label, span in jumps)
    return f"""<section id="clock"><h2>Clock</h2>
<p class="clock">{call.now:%Y-%m-%d %H:%M:%S} UTC</p><p class="soft">{words}</p>
{buttons} {_button("Freeze", "/_sandbox/clock", {"frozen": "1"})} {_button("×60", "/_sandbox/clock", {"rate": "60"})}
{_button("Real time", "/_sandbox/clock", {"real": "1"}, main=True)}
<form class="row" method="post" action="/_sandbox/clock"><label>Set to (UTC)
<input name="set" placeholder="2026-11-20T08:15:00Z" required></label><button>Set</button></form></section>"""


def _people(call: Call) -> str:
    rows = []
    for listener in call.world.listeners:
        now = player.playback(call.world, listener, call.now)
        item = player.item_of(call.world, now[0].kind, now[0].item_id) if now else None
        doing = "" if now is None else escape(item.name if item else now[0].kind)
        one = escape(listener.id)
        links = (
            f'<a href="/_sandbox/truth/{one}">truth</a> · <a href="/_sandbox/truth/{one}/top?from=all">top</a> · '
            f'<a href="/_sandbox/exports/{one}/extended.zip">extended.zip</a> · '
            f'<a href="/_sandbox/exports/{one}/account.zip">account.zip</a>'
        )
        about = f"<b>{escape(listener.display_name or '(no name)')}</b> <code>{one}</code><br>{escape(listener.about)}"
        rows.append([about, f"{escape(listener.zone)}, {listener.country}, {listener.product}", doing, links])
    people = options([(one.id, one.display_name or one.id) for one in call.world.listeners])
    return f"""<section id="people"><h2>Listeners</h2>
{table(["Who", "Where", "Playing now", "Ask"], rows, empty="Nobody.")}
<form class="row" method="post" action="/_sandbox/plays">
<label>Add a play for <select name="listener">{people}</select></label>
<label>Track (words of its name, or id) <input name="track" required></label>
<label>Ended at (UTC; now if empty) <input name="ended_at"></label>
<label>Played, ms (all if empty) <input name="ms_played" inputmode="numeric"></label>
<button>Add</button></form></section>"""


@service.route("/plays", methods=("POST",))
def add_play(call: Call) -> Response:
    """The desk's form: who is a field there, and a track may be told by id or by words."""
    words = told(call)
    call.args["listener_id"] = str(words.pop("listener", ""))
    if call.world.find_track(str(words.get("track", ""))):
        words["track_id"] = words.pop("track")
    return done(call, control_people.play_by_hand(call, words), "people", 201)


PRESETS: tuple[tuple[str, dict[str, str]], ...] = (
    ("Quota used up", {"kind": "status", "status": "429", "reason": "QUOTA_EXCEEDED", "retry_after": "48925"}),
    ("Rate limit, 5 s", {"kind": "status", "status": "429", "retry_after": "5", "body": "text", "count": "5"}),
    ("503 for one in five", {"kind": "status", "status": "503", "rate": "0.2"}),
    ("No answer", {"kind": "hang", "seconds": "60", "count": "3"}),
    ("Cut bodies", {"kind": "cut", "rate": "0.3"}),
    ("Bad JSON", {"kind": "bad_json", "count": "3"}),
    ("invalid_grant storm", {"kind": "invalid_grant", "path": "/api/token"}),
    ("Plays told an hour late", {"kind": "lag", "path": "/v1/me/player/recently-played", "seconds": "3600"}),
)


def _faults(call: Call) -> str:
    rows = []
    for fault in call.sandbox.faults.all():
        plain = fault.as_dict()
        words = ", ".join(
            f"{name} {value}" for name, value in plain.items() if value not in ("", None, 0) and name != "id"
        )
        rows.append([escape(words), _button("End", "/_sandbox/faults/remove", {"id": str(fault.id)})])
    presets = " ".join(_button(label, "/_sandbox/faults", {"path": "/v1/*"} | fields) for label, fields in PRESETS)
    kinds = options([(kind, kind) for kind in sorted(KINDS)], "status")
    return f"""<section id="faults"><h2>Faults</h2>{table(["Fault", ""], rows, empty="Everything works.")}
<p>{presets}</p><form class="row" method="post" action="/_sandbox/faults">
<label>Kind <select name="kind">{kinds}</select></label>
<label>Path <input name="path" value="/v1/me/*"></label>
<label>Status <input name="status" inputmode="numeric" size="4"></label>
<label>Retry-After, s <input name="retry_after" inputmode="numeric" size="6"></label>
<label>Reason <input name="reason" size="16"></label>
<label>Seconds <input name="seconds" size="5"></label>
<label>Times <input name="count" inputmode="numeric" size="4"></label>
<label>Rate 0 to 1 <input name="rate" size="4"></label><button>Switch on</button></form>
{_button("End all faults", "/_sandbox/faults/remove", {})}</section>"""


def _apps(call: Call) -> str:
    cards = "".join(_app_card(call, app) for app in call.state.saved.apps.values())
    return f"""<section id="apps"><h2>Apps</h2><div class="grid">{cards}</div>
<form class="row" method="post" action="/_sandbox/apps"><label>New client id <input name="client_id" required></label>
<label>Secret <input name="secret" required></label><label>Developer account <input name="developer"></label>
<label>Redirect URIs <input name="redirect_uris" placeholder="http://127.0.0.1/callback"></label>
<button>Make</button></form></section>"""


def _app_card(call: Call, app: App) -> str:
    used = quota_used(call.state, app.developer, call.now.timestamp())
    action = f"/_sandbox/apps/{escape(app.client_id)}"
    people = "".join(
        f'<label class="choice"><input type="checkbox" name="allowlist" value="{escape(one.id)}"'
        f"{' checked' if one.id in app.allowlist else ''}><span>{escape(one.display_name or one.id)}</span></label>"
        for one in call.world.listeners
    )
    premium = " checked" if app.owner_premium else ""
    addresses = escape("\n".join(app.redirect_uris))
    quota = "" if app.quota is None else app.quota
    modes = options([("development", "development"), ("extended", "extended")], app.mode)
    rotations = options([("off", "off"), ("on", "on"), ("single", "single use")], app.rotation)
    return f"""<article class="card"><h3>{escape(app.name)}</h3>
<p class="small"><code>{escape(app.client_id)}</code> · <code>{escape(app.secret)}</code></p>
<p class="small">{app.mode}, developer {escape(app.developer)}, {used:,} calls in 24 h</p>
<details><summary>Change</summary><form method="post" action="{action}"><input type="hidden" name="form" value="1">
<label>Mode <select name="mode">{modes}</select></label>
<label>Seats <input name="seats" value="{app.seats}" size="3"></label>
<label>Calls in 24 h (endless if empty) <input name="quota" value="{quota}" size="6"></label>
<label>Calls in 30 s <input name="rate_limit" value="{app.rate_limit}" size="6"></label>
<label>Refresh tokens rotate <select name="rotation">{rotations}</select></label>
<label class="choice"><input type="checkbox" name="owner_premium" value="true"{premium}>
<span>Owner has Premium</span></label>
<label>Redirect URIs <textarea name="redirect_uris" rows="6">{addresses}</textarea></label>
<fieldset><legend>Allowlist</legend>{people}</fieldset><button class="main">Keep</button></form></details></article>"""


def _consents(call: Call) -> str:
    rows = []
    for key, consent in call.state.saved.consents.items():
        client_id, _, listener_id = key.partition(":")
        fields = {"client_id": client_id, "listener": listener_id}
        at = datetime.fromtimestamp(consent["at"], UTC)
        button = _button("Revoke", "/_sandbox/revoke", fields)
        rows.append(
            [escape(listener_id), escape(client_id), f"{at:%Y-%m-%d %H:%M}", f"{len(consent['scopes'])}", button]
        )
    head = ["Who", "App", "Agreed at", "Scopes", ""]
    return f'<section id="consents"><h2>Consents</h2>{table(head, rows, empty="Nobody has agreed yet.")}</section>'


def _options(call: Call) -> str:
    fields = []
    for name, first in OPTIONS.items():
        value: Any = call.state.option(name)
        if isinstance(first, bool):
            on = " checked" if value else ""
            fields.append(f'<label><span>{name}</span><input type="checkbox" name="{name}" value="1"{on}></label>')
        else:
            fields.append(f'<label>{name}<input name="{name}" value="{value}" size="6"></label>')
    return f"""<section id="options"><h2>Oddities</h2><form class="row" method="post" action="/_sandbox/options">
{"".join(fields)}<button>Keep</button></form></section>"""


def _log(call: Call) -> str:
    rows = []
    for one in list(call.sandbox.log)[-60:][::-1]:
        at = datetime.fromtimestamp(one["at"], UTC)
        tag = "bad" if one["status"] >= 400 else "good"
        rows.append(
            [
                f"{at:%H:%M:%S}",
                f'<span class="tag {tag}">{one["status"]}</span> {escape(one["fault"])}',
                f"{one['method']} <code>{escape(one['path'])}</code>",
                escape(one["listener"]),
                f"{one['ms']:.1f}",
            ]
        )
    head = ["At", "Status", "Request", "Who", "ms"]
    return f'<section id="log"><h2>Last requests</h2>{table(head, rows, empty="Nobody has called yet.")}</section>'


def _end(call: Call) -> str:
    button = _button("Reset the sandbox", "/_sandbox/reset", {})
    words = "Edits, apps, faults and time go back to the first day."
    return f'<section id="reset"><h2>Start over</h2><p>{words}</p>{button}</section>'
