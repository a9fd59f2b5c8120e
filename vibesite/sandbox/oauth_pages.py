"""What a person sees at /authorize: who signs in, what the app may do, allow or deny. Works without script."""

from __future__ import annotations

from html import escape
from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox.pages import html_response, page
from vibesite.sandbox.scopes import SCOPES
from vibesite.sandbox.service import Call
from vibesite.sandbox.state import App

WHY_CLIENT = "No app here has this client id. The control desk lists the apps, and makes new ones."
_KEPT = (
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "show_dialog",
    "code_challenge",
    "code_challenge_method",
)


def refusal(words: str, why: str) -> Response:
    """Spotify's own words, and for a developer what to do about them. 400."""
    body = f'<h1>{escape(words)}</h1><p>{why}</p><p><a href="/_sandbox/#apps">Apps of this sandbox</a></p>'
    return html_response(words, body, 400, narrow=True)


def why_redirect(app: App, uri: str) -> str:
    """HTML: what was asked, what is registered, what the rule is."""
    registered = "".join(f"<li><code>{escape(one)}</code>" for one in app.redirect_uris)
    return (
        f"Asked for: <code>{escape(uri) or '(nothing)'}</code>. It must match a registered address exactly: path, "
        "case, slash at the end. Plain http is only for <code>127.0.0.1</code> and <code>[::1]</code>, where a "
        "registered address without a port fits every port; <code>localhost</code> is refused."
        f"<ul>{registered}</ul>"
    )


def consent(call: Call, app: App, scopes: tuple[str, ...], given: Any, *, chosen: str = "", wrong: str = "") -> str:
    """The whole page. `given` holds the client's parameters, carried along in the form."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(given.get(name, ""))}">' for name in _KEPT if name in given
    )
    problem = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    people = "".join(_person(app, listener, chosen) for listener in call.world.listeners)
    wishes = "".join(
        f'<label class="choice"><input type="checkbox" name="grant" value="{scope}" checked>'
        f"<span>{escape(SCOPES[scope])}<small><code>{scope}</code></small></span></label>"
        for scope in scopes
    )
    wishes = wishes or '<p class="soft">Only your name and picture.</p>'
    body = f"""<h1>{escape(app.name)} wants to connect</h1>
<p class="soft">This stands in for Spotify's sign-in page. Choose who you are today, and what the app may do.</p>
{problem}
<form method="post" action="/authorize">{hidden}<input type="hidden" name="picked" value="1">
<fieldset><legend>Sign in as</legend>{people}</fieldset>
<fieldset><legend>{escape(app.name)} may</legend>{wishes}</fieldset>
<div class="decide"><button class="main wide" name="decision" value="allow">Allow</button>
<button class="wide" name="decision" value="deny" formnovalidate>Deny</button></div></form>"""
    return page(f"Connect {app.name}", body, narrow=True)


def _person(app: App, listener: Any, chosen: str) -> str:
    listed = app.extended or listener.id in app.allowlist
    tag = "" if listed else '<span class="tag bad">not on the allowlist</span>'
    about = getattr(listener, "about", "") or " · ".join(
        str(part) for part in (listener.zone, listener.country, listener.product) if part
    )
    return (
        f'<label class="choice"><input type="radio" name="listener" value="{escape(listener.id)}" required'
        f"{' checked' if listener.id == chosen else ''}>"
        f'<img class="face" src="/img/{escape(listener.id)}.svg?size=64" alt="" width="38" height="38">'
        f"<span><b>{escape(listener.display_name or listener.id)}</b><small>{escape(about)}</small></span>{tag}</label>"
    )
