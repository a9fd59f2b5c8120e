"""Spotify's accounts service: /authorize, where a listener is chosen, and /api/token.

https://developer.spotify.com/documentation/web-api/tutorials/code-flow
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Response

from vibesite.sandbox import oauth_pages, scopes, tokens
from vibesite.sandbox.service import Answer, Call, Service, json_response
from vibesite.sandbox.state import App
from vibesite.sandbox.tokens import Token

service = Service(
    "accounts",
    "Spotify accounts",
    prefix="",
    about="Authorization code with or without PKCE, client credentials, refresh; choose who signs in.",
    examples=("/authorize", "/api/token"),
)
_COOKIE = "sandbox_listener"
_LOOPBACK = ("127.0.0.1", "[::1]")


@service.refusals
def refuse(status: int, message: str) -> Response:
    """The token endpoint's shape; the page below /authorize has its own."""
    names = {401: "invalid_client", 429: "too_many_requests", 503: "temporarily_unavailable"}
    return json_response({"error": names.get(status, "server_error"), "error_description": message}, status)


@dataclass(frozen=True)
class Asked:
    """A checked request to /authorize."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str
    method: str
    show_dialog: bool

    def back(self, **query: str) -> Response:
        """Send the browser back to the client."""
        if self.state is not None:
            query["state"] = self.state
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return Response(status=303, headers={"Location": f"{self.redirect_uri}{joint}{urlencode(query)}"})


def redirect_allowed(app: App, uri: str) -> str:
    """Why `uri` may not be used; empty if it may. Exact match, but for the port of a loopback IP literal."""
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return "Invalid redirect URI"
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or ""
    if parts.scheme == "http" and host not in _LOOPBACK:
        return "Insecure redirect URI"
    if uri in app.redirect_uris:
        return ""
    if host in _LOOPBACK and parts.scheme == "http":
        portless = uri.replace(f"//{parts.netloc}", f"//{host}", 1)
        if portless in app.redirect_uris:
            return ""
    return "Invalid redirect URI"


def _asked(call: Call, given: Any) -> Asked:
    """Check what the client asks for, in Spotify's order; raises Answer."""
    app = call.state.app(given.get("client_id", ""))
    if app is None:
        raise Answer(oauth_pages.refusal("INVALID_CLIENT: Invalid client", oauth_pages.WHY_CLIENT))
    call.app = app.client_id
    uri = given.get("redirect_uri", "")
    wrong = redirect_allowed(app, uri) if uri else "Missing required parameter: redirect_uri"
    if wrong:
        raise Answer(oauth_pages.refusal(f"INVALID_CLIENT: {wrong}", oauth_pages.why_redirect(app, uri)))
    state = given.get("state")
    asked = Asked(
        app=app,
        redirect_uri=uri,
        scopes=(),
        state=state,
        challenge=given.get("code_challenge", ""),
        method=given.get("code_challenge_method", "plain") if given.get("code_challenge") else "",
        show_dialog=given.get("show_dialog", "").lower() == "true",
    )
    if given.get("response_type") != "code":
        raise Answer(asked.back(error="unsupported_response_type"))
    if asked.challenge and (asked.method not in ("S256", "plain") or not 43 <= len(asked.challenge) <= 128):
        raise Answer(asked.back(error="invalid_request", error_description="code_challenge_method must be S256"))
    try:
        wanted = scopes.parse(given.get("scope", ""))
    except ValueError:
        raise Answer(asked.back(error="invalid_scope")) from None
    return Asked(**{**asked.__dict__, "scopes": wanted})


@service.route("/authorize")
def authorize(call: Call) -> Response:
    """The consent page; nothing is asked of a listener who agreed before, if that switch is on."""
    asked = _asked(call, call.query)
    known = call.request.cookies.get(_COOKIE, "")
    if call.state.option("silent_consent") and not asked.show_dialog and call.world.find_listener(known):
        consent = call.state.saved.consents.get(f"{asked.app.client_id}:{known}")
        if consent and set(asked.scopes) <= set(consent["scopes"]):
            call.listener = known
            return asked.back(code=_code(call, asked, known, asked.scopes))
    page = oauth_pages.consent(call, asked.app, asked.scopes, call.query, chosen=known)
    return Response(page, content_type="text/html; charset=utf-8")


@service.route("/authorize", methods=("POST",))
def decide(call: Call) -> Response:
    """The listener's answer: `decision` allow or deny, `listener`, and a `grant` for each scope left checked."""
    form = call.request.form
    asked = _asked(call, form)
    if form.get("decision") != "allow":
        return asked.back(error="access_denied")
    listener = call.world.find_listener(form.get("listener", ""))
    if listener is None:
        page = oauth_pages.consent(call, asked.app, asked.scopes, form, chosen="", wrong="Choose who signs in.")
        return Response(page, 400, content_type="text/html; charset=utf-8")
    call.listener = listener.id
    granted = asked.scopes
    if form.get("picked"):
        granted = tuple(scope for scope in asked.scopes if scope in form.getlist("grant"))
    response = asked.back(code=_code(call, asked, listener.id, granted))
    response.set_cookie(_COOKIE, listener.id, httponly=True, samesite="Lax")
    return response


def _code(call: Call, asked: Asked, listener_id: str, granted: tuple[str, ...]) -> str:
    now = call.clock.timestamp()
    return tokens.seal(
        call.state.salt,
        Token(
            "code",
            asked.app.client_id,
            listener_id,
            scopes.pack(granted),
            consented_at=now,
            expires_at=now + tokens.CODE_S,
            generation=call.state.generation(asked.app.client_id, listener_id),
            nonce=tokens.nonce(),
            redirect_uri=asked.redirect_uri,
            challenge=asked.challenge,
            method=asked.method,
        ),
    )


def _wrong(error: str, description: str | None = None) -> Answer:
    body = {"error": error} | ({"error_description": description} if description else {})
    return Answer(json_response(body, 400))


@service.identify
def look(call: Call) -> None:
    """Who refreshes or redeems, for the log and for faults."""
    if not call.request.path.startswith("/api/token"):
        return
    form = call.request.form
    for kind, field in (("refresh", "refresh_token"), ("code", "code")):
        if text := form.get(field):
            token = tokens.unseal(call.state.salt, text, kind)
            if token is not None:
                call.app, call.listener = token.client_id, token.listener_id


@service.route("/api/token", methods=("POST",))
def token_endpoint(call: Call) -> Response:
    form = call.request.form
    grant_type = form.get("grant_type")
    if not grant_type:
        raise _wrong("unsupported_grant_type", "grant_type parameter is missing")
    app, proven = _client(call)
    call.app = app.client_id
    if grant_type == "authorization_code":
        return _redeem(call, app, proven)
    if grant_type == "refresh_token":
        return _refresh(call, app, proven)
    if grant_type == "client_credentials":
        if not proven:
            raise _wrong("invalid_client", "Invalid client secret")
        return _reply(call, Token("access", app.client_id, "", 0, call.clock.timestamp(), 0.0), app, refresh=None)
    raise _wrong("unsupported_grant_type", "grant_type must be client_credentials, authorization_code or refresh_token")


def _client(call: Call) -> tuple[App, bool]:
    """The app that calls, and whether it proved itself with its secret, in the header or the body."""
    form, header = call.request.form, call.request.headers.get("Authorization", "")
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if header.lower().startswith("basic "):
        try:
            client_id, _, secret = base64.b64decode(header[6:]).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise _wrong("invalid_client") from None
    app = call.state.app(client_id)
    if app is None:
        raise _wrong("invalid_client", "Invalid client" if client_id else None)
    if secret and not hmac.compare_digest(secret.encode(), app.secret.encode()):
        raise _wrong("invalid_client", "Invalid client secret")
    return app, bool(secret)


def _redeem(call: Call, app: App, proven: bool) -> Response:
    form = call.request.form
    if not form.get("code"):
        raise _wrong("invalid_request", "code must be supplied")
    code = tokens.unseal(call.state.salt, form["code"], "code")
    if code is None or code.client_id != app.client_id:
        raise _wrong("invalid_grant", "Invalid authorization code")
    if code.expires_at <= call.clock.timestamp():
        raise _wrong("invalid_grant", "Authorization code expired")
    if form.get("redirect_uri") != code.redirect_uri:
        raise _wrong("invalid_grant", "Invalid redirect URI")
    verifier = form.get("code_verifier", "")
    if code.challenge and not verifier:
        raise _wrong("invalid_request", "code_verifier required")
    if code.challenge and not hmac.compare_digest(tokens.challenge_of(verifier, code.method), code.challenge):
        raise _wrong("invalid_grant", "code_verifier was incorrect")
    if not code.challenge and not proven:
        raise _wrong("invalid_client")
    if not call.state.spend(code.nonce):
        raise _wrong("invalid_grant", "Invalid authorization code")
    if call.state.generation(app.client_id, code.listener_id) > code.generation:
        raise _wrong("invalid_grant", "Invalid authorization code")
    call.state.consent(app.client_id, code.listener_id, code.scopes)
    grant = Token(
        "refresh",
        app.client_id,
        code.listener_id,
        code.scope_bits,
        consented_at=code.consented_at,
        expires_at=six_months_after(code.consented_at),
        generation=code.generation,
        nonce=tokens.nonce(),
        public=not proven,
    )
    return _reply(call, grant, app, refresh=grant)


def _refresh(call: Call, app: App, proven: bool) -> Response:
    text = call.request.form.get("refresh_token")
    if not text:
        raise _wrong("invalid_request", "refresh_token must be supplied")
    old = tokens.unseal(call.state.salt, text, "refresh")
    if old is None or old.client_id != app.client_id:
        raise _wrong("invalid_grant", "Invalid refresh token")
    if not proven and not old.public:
        raise _wrong("invalid_client")
    if old.expires_at <= call.clock.timestamp():
        raise _wrong("invalid_grant", "Refresh token expired")
    if call.state.generation(app.client_id, old.listener_id) > old.generation:
        raise _wrong("invalid_grant", "Refresh token revoked")
    rotation = "single" if old.public else app.rotation
    if rotation == "off":
        return _reply(call, old, app, refresh=None)
    spent = not call.state.spend(old.nonce) if rotation == "single" else call.state.is_spent(old.nonce)
    if spent:
        raise _wrong("invalid_grant", "Refresh token revoked")
    new = Token(*{**_plain(old), "nonce": tokens.nonce()}.values())  # consent and end stay the old one's
    return _reply(call, new, app, refresh=new)


def _plain(token: Token) -> dict[str, Any]:
    return {name: getattr(token, name) for name in token.__struct_fields__}


def _reply(call: Call, grant: Token, app: App, *, refresh: Token | None) -> Response:
    body = {
        "access_token": access_token(call.state.salt, grant, app, call.clock.timestamp()),
        "token_type": "Bearer",
        "expires_in": app.access_s,
    }
    if refresh is not None:
        body["refresh_token"] = tokens.seal(call.state.salt, refresh)
    if grant.listener_id:
        body["scope"] = " ".join(grant.scopes)
    return json_response(body, headers={"Cache-Control": "no-store"})


def access_token(salt: str, grant: Token, app: App, now: float) -> str:
    """A fresh access token under `grant`; it never outlives its app's `access_s`."""
    return tokens.seal(
        salt,
        Token(
            "access",
            app.client_id,
            grant.listener_id,
            grant.scope_bits,
            consented_at=grant.consented_at,
            expires_at=now + app.access_s,
            generation=grant.generation,
            nonce=tokens.nonce(),
        ),
    )


def six_months_after(seconds: float) -> float:
    """The same day and time six months on (or the month's last day)."""
    start = datetime.fromtimestamp(seconds, UTC)
    months = start.month - 1 + 6
    year, month = start.year + months // 12, months % 12 + 1
    for day in (start.day, 30, 29, 28):
        try:
            return start.replace(year=year, month=month, day=day).timestamp()
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
