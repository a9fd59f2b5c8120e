"""Telegram's Bot API: who may come in, how a call is read, how it is refused, what a bot remembers.

Any token of Telegram's shape is a bot: digits, a colon, the rest. https://core.telegram.org/bots/api
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from vibesite.sandbox.chance import number
from vibesite.sandbox.friends import throttle
from vibesite.sandbox.service import Answer, Call, Service, json_response

service = Service(
    "telegram",
    "Telegram",
    prefix="/telegram",
    about="The Bot API, with a page to chat as one of the listeners. Bot token: digits, a colon, anything.",
    examples=("/telegram/chat",),
)
TOKEN = re.compile(r"(\d{3,12}):([A-Za-z0-9_-]{3,})")
LIMIT, SECONDS = 30, 1.0  # messages of one bot
CHAT_LIMIT = 5  # to one chat; Telegram asks for one a second and forgives short bursts
news = threading.Condition()  # told whenever an update is waiting
Method = Callable[["Bot", dict[str, Any]], Any]
METHODS: dict[str, Method] = {}


def failed(status: int, description: str, **parameters: Any) -> Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return json_response(body, status)


@service.refusals
def refuse(status: int, message: str) -> Response:
    if status == 429:
        return failed(429, "Too Many Requests: retry after 3", retry_after=3)
    return failed(status, {404: "Not Found", 500: "Internal Server Error"}.get(status, message))


def wrong(description: str, status: int = 400) -> Answer:
    return Answer(failed(status, description))


class Bot:
    """One bot during one call. `memory` is its part of the state; hold `call.state.lock` when writing."""

    def __init__(self, call: Call, token: str) -> None:
        self.call = call
        self.token = token
        self.id = int(token.partition(":")[0])
        self.memory: dict[str, Any] = memory_of(call, token)

    @property
    def user(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.memory.get("name") or "Vibesite",
            "username": f"vibesite_{self.id}_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }


def memory_of(call: Call, token: str) -> dict[str, Any]:
    with call.state.lock:
        bots = call.state.box("telegram")
        empty: dict[str, Any] = {"updates": [], "next_update": 1001, "chats": {}, "queries": {}, "webhook": None}
        return bots.setdefault(token, empty)


def method(name: str) -> Callable[[Method], Method]:
    """Register a function of bot and parameters as a Bot API method; names are matched without case."""

    def register(handle: Method) -> Method:
        METHODS[name.lower()] = handle
        return handle

    return register


def parameters(call: Call) -> dict[str, Any]:
    """From the query, a form or JSON, the last being strongest. Nested values in a form are JSON texts."""
    given: dict[str, Any] = call.query.to_dict()
    given.update(call.request.form.to_dict())
    given.update(call.request.files.to_dict())
    if call.request.mimetype == "application/json":
        try:
            body = call.json
        except ValueError:
            raise wrong("Bad Request: can't parse JSON object") from None
        given.update(body if isinstance(body, dict) else {})
    return given


def nested(given: dict[str, Any], name: str) -> Any:
    """A parameter that is an object or a list; None if it is not there."""
    value = given.get(name)
    if isinstance(value, str) and value:
        try:
            return json.loads(value)
        except ValueError:
            raise wrong(f"Bad Request: can't parse {name.replace('_', ' ')} JSON object") from None
    return value or None


def person_of(call: Call, listener: Any) -> dict[str, Any]:
    """A listener as a user of Telegram; the id hangs on theirs alone."""
    name = listener.display_name or "No Name"
    return {
        "id": chat_id(listener.id),
        "is_bot": False,
        "first_name": name,
        "username": re.sub(r"\W+", "_", listener.id).strip("_"),
        "language_code": listener.language,
    }


def chat_id(listener_id: str) -> int:
    return number("telegram", listener_id) % 900_000_000 + 100_000_000


def listener_of(call: Call, wanted: Any) -> Any:
    """The listener behind a chat id; None if there is none."""
    return next((each for each in call.world.listeners if str(chat_id(each.id)) == str(wanted)), None)


@service.route("/bot<token>/<name>", methods=("GET", "POST"))
def bot_api(call: Call) -> Response:
    token = call.args["token"]
    if not TOKEN.fullmatch(token):
        raise wrong("Unauthorized" if ":" in token else "Not Found", 401 if ":" in token else 404)
    handle = METHODS.get(call.args["name"].lower())
    if handle is None:
        raise wrong("Not Found", 404)
    result = handle(Bot(call, token), parameters(call))
    return json_response({"ok": True, "result": result})


def flood(bot: Bot, chat: str) -> None:
    """Refuse a bot that talks too fast."""
    if throttle(bot.call, f"telegram {bot.token}", LIMIT, SECONDS):
        raise Answer(failed(429, "Too Many Requests: retry after 1", retry_after=1))
    if throttle(bot.call, f"telegram {bot.token} {chat}", CHAT_LIMIT, SECONDS):
        raise Answer(failed(429, "Too Many Requests: retry after 3", retry_after=3))
