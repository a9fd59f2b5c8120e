"""`/telegram/chat`: a page to write to a bot as one of the listeners. Works without script; the talk renews itself."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from vibesite.sandbox import pages, telegram_updates
from vibesite.sandbox.service import Answer, Call, json_response
from vibesite.sandbox.telegram_door import TOKEN, Bot, chat_id, parameters, service, wrong

USUAL_TOKEN = "123456:sandbox-bot"
SHOWN = 60  # messages
RENEW_S = 2
TYPING_S = 5
_SHEET = (
    "body{margin:.5rem;display:flex;flex-direction:column;gap:.4rem}"
    ".m{max-width:85%;padding:.5rem .8rem;border-radius:.8rem;background:var(--card);border:1px solid var(--line);"
    "align-self:flex-start;white-space:pre-wrap}.u{align-self:flex-end;background:var(--accent);color:var(--on-accent)}"
    "form{display:flex;flex-wrap:wrap;gap:.3rem;margin-top:.3rem}"
)


def _who(call: Call, given: dict[str, Any]) -> tuple[str, Any]:
    token = given.get("bot") or next(iter(call.state.box("telegram")), USUAL_TOKEN)
    if not TOKEN.fullmatch(token):
        raise wrong("Bad Request: a bot token is digits, a colon, the rest")
    listener = call.world.find_listener(given.get("as", "")) or call.world.listeners[0]
    return token, listener


def _hidden(token: str, listener: Any) -> str:
    return (
        f'<input type="hidden" name="bot" value="{escape(token)}">'
        f'<input type="hidden" name="as" value="{escape(listener.id)}">'
    )


def _name(listener: Any) -> str:
    return listener.display_name or listener.id


@service.route("/chat")
def chat_page(call: Call) -> Response:
    token, listener = _who(call, call.query.to_dict())
    bot = Bot(call, token)
    chat = telegram_updates.chat_with(bot, listener)
    bots = [(each, each) for each in dict.fromkeys([token, *call.state.box("telegram")])]
    people = [(each.id, _name(each)) for each in call.world.listeners]
    query = escape(urlencode({"bot": token, "as": listener.id}))
    hook = bot.memory["webhook"]
    how = f"reads through its webhook {escape(hook['url'])}" if hook else "asks for updates itself"
    failing = (
        f' <span class="tag bad">{escape(hook["error"] or "slow")}</span>' if hook and bot.memory["updates"] else ""
    )
    keys = "".join(
        f'<button name="text" value="{escape(_label(key))}">{escape(_label(key))}</button>'
        for row in _keyboard(chat)
        for key in row
    )
    start = "" if chat["messages"] else '<button class="main" name="text" value="/start">Start</button>'
    commands = "".join(
        f'<button name="text" value="/{escape(each["command"])}">/{escape(each["command"])}</button>'
        for each in bot.memory.get("commands", [])
    )
    blocked = bool(chat["blocked"])
    body = f"""<h1>Telegram</h1>
<form class="row" method="get"><label>Bot<select name="bot">{pages.options(bots, token)}</select></label>
<label>You are<select name="as">{pages.options(people, listener.id)}</select></label><button>Change</button></form>
<p class="soft">Chat {chat_id(listener.id)}. The bot {how}.{failing}</p>
<iframe title="The talk so far" src="/telegram/chat/messages?{query}#end" width="100%" height="420"></iframe>
<form class="row" method="post">{_hidden(token, listener)}{start}{keys}{commands}</form>
<form class="row" method="post">{_hidden(token, listener)}<label>Message
<input name="text" size="40" maxlength="4096" autocomplete="off" required autofocus></label>
<button class="main">Send</button></form>
<form class="row" method="post">{_hidden(token, listener)}<input type="hidden" name="block" value="{int(not blocked)}">
<button>{"Let the bot in again" if blocked else "Block the bot"}</button></form>"""
    return pages.html_response("Telegram", body, narrow=True)


def _label(key: Any) -> str:
    return key if isinstance(key, str) else str(key.get("text", ""))


def _keyboard(chat: dict[str, Any]) -> list[list[Any]]:
    """The reply keyboard that the bot put up last."""
    for kept in reversed(chat["messages"]):
        markup = kept.get("markup") or {}
        if "keyboard" in markup:
            return markup["keyboard"]
        if markup.get("remove_keyboard"):
            return []
    return []


@service.route("/chat/messages")
def messages(call: Call) -> Response:
    """The talk as HTML that renews itself; with `format=json` as data."""
    token, listener = _who(call, call.query.to_dict())
    chat = telegram_updates.chat_with(Bot(call, token), listener)
    if call.query.get("format") == "json":
        return json_response({"chat_id": chat_id(listener.id)} | chat)
    lines = [_line(kept, token, listener) for kept in chat["messages"][-SHOWN:]]
    if chat["typing"] and call.now.timestamp() - chat["typing"] < TYPING_S:
        lines.append('<p class="soft">writing …</p>')
    if chat["notice"]:
        lines.append(f'<p class="wrong" role="status">{escape(chat["notice"])}</p>')
    body = "".join(lines) or '<p class="soft">Nothing said yet.</p>'
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="{RENEW_S}">'
    sheets = f'<link rel="stylesheet" href="/_sandbox/sandbox.css"><style>{_SHEET}</style>'
    page = f'{head}<title>The talk</title>{sheets}<body>{body}<div id="end"></div></body></html>'
    return Response(page, content_type="text/html; charset=utf-8")


def _line(kept: dict[str, Any], token: str, listener: Any) -> str:
    if kept["from"] == "user":
        return f'<div class="m u">{escape(kept["text"])}</div>'
    buttons = ""
    for row in (kept.get("markup") or {}).get("inline_keyboard", []):
        made = "".join(_button(button) for button in row)
        buttons += (
            f'<form method="post" action="/telegram/chat" target="_top">{_hidden(token, listener)}'
            f'<input type="hidden" name="message_id" value="{kept["id"]}">{made}</form>'
        )
    return f'<div class="m">{kept["shown"]}{buttons}</div>'


def _button(button: dict[str, Any]) -> str:
    text = escape(button["text"])
    if "callback_data" in button:
        return f'<button name="data" value="{escape(button["callback_data"])}">{text}</button>'
    url = button.get("url", "")
    return f'<a href="{escape(url)}" target="_blank" rel="noreferrer">{text}</a>' if url.startswith("http") else text


@service.route("/chat", methods=("POST",))
def act(call: Call) -> Any:
    """Write (`text`), press a button (`message_id`, `data`) or block (`block` 1 or 0). JSON is answered with JSON."""
    given = parameters(call)
    token, listener = _who(call, given)
    if "block" in given:
        update: dict[str, Any] | None = telegram_updates.block(
            call, token, listener, str(given["block"]) in ("1", "True")
        )
    elif "data" in given:
        update = telegram_updates.press(call, token, listener, int(given.get("message_id", 0)), str(given["data"]))
    else:
        text = str(given.get("text", "")).strip()
        update = telegram_updates.say(call, token, listener, text) if text else None
    if call.request.mimetype == "application/json":
        if update is None:
            raise Answer(json_response({"ok": False}, 400))
        return {"ok": True, "update": update}
    return redirect(f"/telegram/chat?{urlencode({'bot': token, 'as': listener.id})}", 303)
