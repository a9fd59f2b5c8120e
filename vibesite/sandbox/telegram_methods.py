"""The Bot API's methods about the bot itself: updates, webhooks, commands, chats."""

from __future__ import annotations

import time
from typing import Any

from vibesite.sandbox.telegram_door import Bot, method, nested, news, person_of, wrong
from vibesite.sandbox.telegram_messages import chat_of

MOST_WAIT_S = 50
LOCAL = ("127.0.0.1", "localhost", "[::1]")


def _whole(given: dict[str, Any], name: str, usual: int) -> int:
    try:
        return int(given.get(name, usual))
    except (TypeError, ValueError):
        raise wrong(f"Bad Request: {name} must be an integer") from None


@method("getMe")
def get_me(bot: Bot, given: dict[str, Any]) -> Any:
    return bot.user


@method("getUpdates")
def get_updates(bot: Bot, given: dict[str, Any]) -> Any:
    """Waits up to `timeout` seconds of real time for something to say. A newer call ends an older one."""
    if bot.memory["webhook"]:
        told = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        raise wrong(f"Conflict: {told}", 409)
    offset, limit = _whole(given, "offset", 0), min(max(_whole(given, "limit", 100), 1), 100)
    until = time.monotonic() + min(max(_whole(given, "timeout", 0), 0), MOST_WAIT_S)
    with news:
        turn = bot.memory["turn"] = bot.memory.get("turn", 0) + 1
        news.notify_all()
        while True:
            with bot.call.state.lock:
                waiting = bot.memory["updates"]
                if offset < 0:
                    offset = max([update["update_id"] for update in waiting], default=0) + 1 + offset
                kept = [update for update in waiting if update["update_id"] >= offset]
                if len(kept) != len(waiting):
                    bot.memory["updates"] = kept
                    bot.call.state.changed()
            rest = until - time.monotonic()
            if kept or rest <= 0 or bot.call.sandbox.closing.is_set():
                return kept[:limit]
            news.wait(min(rest, 1.0))
            if bot.memory["turn"] != turn:
                told = (
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
                )
                raise wrong(told, 409)


@method("setWebhook")
def set_webhook(bot: Bot, given: dict[str, Any]) -> Any:
    url = given.get("url", "")
    host = url.partition("://")[2].rpartition("@")[2]
    if url and not url.startswith("https://") and not (url.startswith("http://") and host.startswith(LOCAL)):
        raise wrong("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
    hook = {
        "url": url,
        "secret": given.get("secret_token", ""),
        "allowed": nested(given, "allowed_updates") or [],
        "error": None,
        "error_at": None,
    }
    with bot.call.state.lock:
        bot.memory["webhook"] = hook if url else None
        if str(given.get("drop_pending_updates", "")).lower() == "true":
            bot.memory["updates"] = []
        bot.call.state.changed()
    with news:
        news.notify_all()
    return True


@method("deleteWebhook")
def delete_webhook(bot: Bot, given: dict[str, Any]) -> Any:
    return set_webhook(bot, {"drop_pending_updates": given.get("drop_pending_updates", "")})


@method("getWebhookInfo")
def get_webhook_info(bot: Bot, given: dict[str, Any]) -> Any:
    hook = bot.memory["webhook"] or {"url": ""}
    told = {
        "url": hook["url"],
        "has_custom_certificate": False,
        "pending_update_count": len(bot.memory["updates"]),
        "max_connections": 40,
    }
    if hook.get("error"):
        told |= {"last_error_date": hook["error_at"], "last_error_message": hook["error"]}
    return told


@method("getChat")
def get_chat(bot: Bot, given: dict[str, Any]) -> Any:
    listener, _ = chat_of(bot, given)
    person = person_of(bot.call, listener)
    return {"type": "private"} | {name: person[name] for name in ("id", "first_name", "username")}


@method("setMyCommands")
def set_my_commands(bot: Bot, given: dict[str, Any]) -> Any:
    commands = nested(given, "commands")
    if not isinstance(commands, list) or len(commands) > 100:
        raise wrong("Bad Request: can't parse BotCommand: expected an Array")
    for command in commands:
        name = str(command.get("command", "")).removeprefix("/")
        if not name.replace("_", "a").isalnum() or name != name.lower() or not 1 <= len(name) <= 32:
            raise wrong("Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise wrong("Bad Request: command description is invalid")
    with bot.call.state.lock:
        bot.memory["commands"] = commands
        bot.call.state.changed()
    return True


@method("getMyCommands")
def get_my_commands(bot: Bot, given: dict[str, Any]) -> Any:
    return bot.memory.get("commands", [])


@method("deleteMyCommands")
def delete_my_commands(bot: Bot, given: dict[str, Any]) -> Any:
    with bot.call.state.lock:
        bot.memory["commands"] = []
        bot.call.state.changed()
    return True
