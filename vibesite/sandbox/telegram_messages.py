"""The Bot API's methods about messages: send, edit, delete, buttons and their answers."""

from __future__ import annotations

from typing import Any

from vibesite.sandbox.chance import hexes
from vibesite.sandbox.service import Answer
from vibesite.sandbox.telegram_door import Bot, chat_id, failed, flood, listener_of, method, nested, person_of, wrong
from vibesite.sandbox.telegram_text import Unreadable, read

DATA_BYTES = 64
QUERY_LIFE_S = 15 * 60


def chat_of(bot: Bot, given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The listener and what was said with them. A bot cannot write first, nor to one who blocked it."""
    if not given.get("chat_id"):
        raise wrong("Bad Request: chat_id is empty")
    listener = listener_of(bot.call, given["chat_id"])
    chat = bot.memory["chats"].get(str(chat_id(listener.id))) if listener else None
    if chat is None:
        raise wrong("Bad Request: chat not found")
    if chat.get("blocked"):
        raise wrong("Forbidden: bot was blocked by the user", 403)
    return listener, chat


def _text(given: dict[str, Any], name: str) -> tuple[str, str]:
    try:
        return read(str(given.get(name, "")), given.get("parse_mode"))
    except Unreadable as exc:
        told = str(exc)
        plain = told.startswith("message ") or told.startswith("unsupported")
        raise wrong(f"Bad Request: {told}" if plain else f"Bad Request: can't parse entities: {told}") from None


def _markup(given: dict[str, Any]) -> dict[str, Any] | None:
    markup = nested(given, "reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise wrong("Bad Request: object expected as reply markup")
    for row in markup.get("inline_keyboard", []):
        for button in row:
            if not button.get("text"):
                raise wrong("Bad Request: inline keyboard button text must be non-empty")
            data = button.get("callback_data")
            if data is not None and not 1 <= len(data.encode()) <= DATA_BYTES:
                raise wrong("Bad Request: BUTTON_DATA_INVALID")
            if data is None and not (button.get("url") or button.get("web_app") or button.get("login_url")):
                raise wrong("Bad Request: Text buttons are unallowed in the inline keyboard")
    return markup


def post(bot: Bot, given: dict[str, Any], **content: Any) -> dict[str, Any]:
    """Keep a message of the bot's in the chat, and tell it as Telegram would."""
    listener, chat = chat_of(bot, given)
    flood(bot, str(given["chat_id"]))
    markup = _markup(given)
    with bot.call.state.lock:
        kept = {"id": chat["next"], "from": "bot", "date": int(bot.call.now.timestamp()), "markup": markup} | content
        chat["next"] += 1
        chat["messages"].append(kept)
        chat["typing"] = None
        bot.call.state.changed()
    return as_message(bot, listener, kept)


def as_message(bot: Bot, listener: Any, kept: dict[str, Any]) -> dict[str, Any]:
    person = person_of(bot.call, listener)
    chat = {"type": "private"} | {name: person[name] for name in ("id", "first_name", "username")}
    sender = person if kept["from"] == "user" else bot.user
    told = {"message_id": kept["id"], "from": sender, "chat": chat, "date": kept["date"]}
    told |= {
        name: kept[name] for name in ("text", "caption", "photo", "document", "entities", "edit_date") if name in kept
    }
    if kept.get("markup") and "inline_keyboard" in kept["markup"]:
        told["reply_markup"] = kept["markup"]
    return told


@method("sendMessage")
def send_message(bot: Bot, given: dict[str, Any]) -> Any:
    text, shown = _text(given, "text")
    return post(bot, given, text=text, shown=shown)


def _file(given: dict[str, Any], name: str) -> tuple[str, int]:
    file = given.get(name)
    if not file:
        raise wrong(f"Bad Request: there is no {name} in the request")
    if isinstance(file, str):
        return file.rpartition("/")[2], 0
    return file.filename or name, len(file.read())


@method("sendPhoto")
def send_photo(bot: Bot, given: dict[str, Any]) -> Any:
    name, size = _file(given, "photo")
    text, shown = _text(given, "caption") if given.get("caption") else ("", "")
    photo = {"file_id": hexes("photo", name, size=12), "file_unique_id": hexes(name, size=8), "file_size": size}
    return post(
        bot, given, photo=[photo | {"width": 640, "height": 640}], caption=text, shown=f"[photo {name}] {shown}"
    )


@method("sendDocument")
def send_document(bot: Bot, given: dict[str, Any]) -> Any:
    name, size = _file(given, "document")
    text, shown = _text(given, "caption") if given.get("caption") else ("", "")
    file = {"file_id": hexes("file", name, size=12), "file_unique_id": hexes(name, size=8), "file_name": name}
    return post(bot, given, document=file | {"file_size": size}, caption=text, shown=f"[file {name}] {shown}")


def _kept(chat: dict[str, Any], given: dict[str, Any], verb: str) -> dict[str, Any]:
    wanted = str(given.get("message_id", ""))
    found = next((each for each in chat["messages"] if str(each["id"]) == wanted), None)
    if found is None or (found["from"] != "bot" and verb == "edit"):
        raise wrong(f"Bad Request: message to {verb} not found")
    return found


@method("editMessageText")
def edit_message_text(bot: Bot, given: dict[str, Any]) -> Any:
    listener, chat = chat_of(bot, given)
    kept = _kept(chat, given, "edit")
    text, shown = _text(given, "text")
    markup = _markup(given)
    if kept.get("text") == text and kept.get("shown") == shown and kept.get("markup") == markup:
        same = "specified new message content and reply markup are exactly the same as a current content"
        raise wrong(f"Bad Request: message is not modified: {same} and reply markup of the message")
    with bot.call.state.lock:
        kept |= {"text": text, "shown": shown, "markup": markup, "edit_date": int(bot.call.now.timestamp())}
        bot.call.state.changed()
    return as_message(bot, listener, kept)


@method("editMessageReplyMarkup")
def edit_message_reply_markup(bot: Bot, given: dict[str, Any]) -> Any:
    listener, chat = chat_of(bot, given)
    kept = _kept(chat, given, "edit")
    with bot.call.state.lock:
        kept["markup"] = _markup(given)
        bot.call.state.changed()
    return as_message(bot, listener, kept)


@method("deleteMessage")
def delete_message(bot: Bot, given: dict[str, Any]) -> Any:
    _, chat = chat_of(bot, given)
    kept = _kept(chat, given, "delete")
    with bot.call.state.lock:
        chat["messages"].remove(kept)
        bot.call.state.changed()
    return True


@method("sendChatAction")
def send_chat_action(bot: Bot, given: dict[str, Any]) -> Any:
    _, chat = chat_of(bot, given)
    if not given.get("action"):
        raise wrong("Bad Request: wrong parameter action in request")
    with bot.call.state.lock:
        chat["typing"] = bot.call.now.timestamp()
        bot.call.state.changed()
    return True


@method("answerCallbackQuery")
def answer_callback_query(bot: Bot, given: dict[str, Any]) -> Any:
    with bot.call.state.lock:
        query = bot.memory["queries"].get(str(given.get("callback_query_id", "")))
        now = bot.call.now.timestamp()
        if query is None or query["answered"] or now - query["at"] > QUERY_LIFE_S:
            raise wrong("Bad Request: query is too old and response timeout expired or query ID is invalid")
        if len(str(given.get("text", ""))) > 200:
            raise Answer(failed(400, "Bad Request: MESSAGE_TOO_LONG"))
        query["answered"] = True
        if given.get("text"):
            bot.memory["chats"][query["chat"]]["notice"] = given["text"]
        bot.call.state.changed()
    return True
