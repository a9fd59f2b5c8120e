"""What people do reaches a bot: as updates that wait for getUpdates, or through its webhook."""

from __future__ import annotations

import contextlib
import http.client
import threading
from typing import Any
from urllib.parse import urlsplit

import msgspec

from vibesite.sandbox.chance import hexes
from vibesite.sandbox.service import Answer, Call
from vibesite.sandbox.telegram_door import METHODS, Bot, chat_id, news, person_of
from vibesite.sandbox.telegram_messages import as_message

TRIES = 5
PAUSE_S = 1.0  # real time between tries
_lines: dict[tuple[int, str], threading.Lock] = {}  # one delivery at a time for a bot of a sandbox


def chat_with(bot: Bot, listener: Any) -> dict[str, Any]:
    """What a bot and a listener said to each other; begun now if they never did."""
    empty: dict[str, Any] = {"messages": [], "next": 1, "blocked": False, "typing": None, "notice": ""}
    return bot.memory["chats"].setdefault(str(chat_id(listener.id)), empty)


def say(call: Call, token: str, listener: Any, text: str) -> dict[str, Any]:
    """The listener writes to the bot."""
    bot = Bot(call, token)
    with call.state.lock:
        chat = chat_with(bot, listener)
        kept: dict[str, Any] = {"id": chat["next"], "from": "user", "date": int(call.now.timestamp()), "text": text}
        if text.startswith("/"):
            kept["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        chat["next"] += 1
        chat["blocked"] = False
        chat["messages"].append(kept)
    return _update(bot, "message", as_message(bot, listener, kept))


def press(call: Call, token: str, listener: Any, message_id: int, data: str) -> dict[str, Any] | None:
    """The listener presses a button under a message of the bot's; None if it is gone."""
    bot = Bot(call, token)
    with call.state.lock:
        chat = chat_with(bot, listener)
        kept = next((each for each in chat["messages"] if each["id"] == message_id and each["from"] == "bot"), None)
        if kept is None:
            return None
        number = len(bot.memory["queries"])
        query = hexes("query", token, number, size=8)
        key = str(chat_id(listener.id))
        bot.memory["queries"][query] = {"at": call.now.timestamp(), "answered": False, "chat": key}
        chat["notice"] = ""
    body = {"id": query, "from": person_of(call, listener), "message": as_message(bot, listener, kept), "data": data}
    return _update(bot, "callback_query", body | {"chat_instance": hexes("chat", key, size=8)})


def block(call: Call, token: str, listener: Any, blocked: bool) -> dict[str, Any]:
    """The listener shuts the bot out, or lets it in again."""
    bot = Bot(call, token)
    with call.state.lock:
        chat_with(bot, listener)["blocked"] = blocked
    person = person_of(call, listener)
    status = ("member", "kicked") if blocked else ("kicked", "member")
    old, new = ({"user": bot.user, "status": each} for each in status)
    chat = {"type": "private"} | {name: person[name] for name in ("id", "first_name", "username")}
    told = {"chat": chat, "from": person, "date": int(call.now.timestamp())}
    return _update(bot, "my_chat_member", told | {"old_chat_member": old, "new_chat_member": new})


def _update(bot: Bot, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    hook = bot.memory["webhook"]
    with bot.call.state.lock:
        update = {"update_id": bot.memory["next_update"], kind: body}
        bot.memory["next_update"] += 1
        if not hook or not hook["allowed"] or kind in hook["allowed"]:
            bot.memory["updates"].append(update)
        bot.call.state.changed()
    with news:
        news.notify_all()
    if hook:
        threading.Thread(target=_deliver, args=(bot,), name="telegram webhook", daemon=True).start()
    return update


def _deliver(bot: Bot) -> None:
    """Send what waits to the webhook, oldest first, each until it is taken or the tries are used up."""
    with _lines.setdefault((id(bot.call.sandbox), bot.token), threading.Lock()):
        while bot.memory["updates"] and bot.memory["webhook"]:
            update = bot.memory["updates"][0]
            for _ in range(TRIES):
                if _post(bot, update) or bot.call.sandbox.closing.wait(PAUSE_S):
                    break
            else:
                return  # it waits for the next update, as the ones behind it do
            with bot.call.state.lock:
                bot.memory["updates"] = [each for each in bot.memory["updates"] if each is not update]
                bot.call.state.changed()


def _post(bot: Bot, update: dict[str, Any]) -> bool:
    """One try; whether the bot took it. An answer may hold a method to call."""
    hook = bot.memory["webhook"]
    if not hook:
        return False
    parts = urlsplit(hook["url"])
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    headers = {"Content-Type": "application/json", "User-Agent": "TelegramBot (sandbox)"}
    if hook["secret"]:
        headers["X-Telegram-Bot-Api-Secret-Token"] = hook["secret"]
    connection = kind(parts.netloc, timeout=10)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, msgspec.json.encode(update), headers)
        answer = connection.getresponse()
        body = answer.read()
        error = "" if answer.status < 300 else f"Wrong response from the webhook: {answer.status} {answer.reason}"
    except (OSError, http.client.HTTPException) as exc:
        error, body = f"Connection failed: {type(exc).__name__}", b""
    finally:
        connection.close()
    if error:
        with bot.call.state.lock:
            hook["error"], hook["error_at"] = error, int(bot.call.clock.timestamp())
            bot.call.state.changed()
        return False
    _reply(bot, body)
    return True


def _reply(bot: Bot, body: bytes) -> None:
    try:
        given = msgspec.json.decode(body) if body else None
    except msgspec.DecodeError:
        return
    if isinstance(given, dict) and (handle := METHODS.get(str(given.get("method", "")).lower())):
        with contextlib.suppress(Answer):  # Telegram says nothing of a reply that fails, either
            handle(bot, given)
