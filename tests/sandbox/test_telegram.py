"""The Bot API over real HTTP: updates, webhooks, buttons, refusals, and the chat page."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue

import msgspec
import pytest
import requests

TOKEN = "123456:test-bot"


def buttons(*row):
    return {"inline_keyboard": [list(row)]}


class Bot:
    def __init__(self, sandbox):
        self.url = sandbox.url
        self.listener = sandbox.listeners[0]

    def call(self, name, token=TOKEN, **given):
        return requests.post(f"{self.url}/telegram/bot{token}/{name}", json=given, timeout=10).json()

    def result(self, name, **given):
        answer = self.call(name, **given)
        assert answer["ok"], answer
        return answer["result"]

    def act(self, **given):
        body = {"bot": TOKEN, "as": self.listener.id} | given
        return requests.post(f"{self.url}/telegram/chat", json=body, timeout=10).json()

    def start(self):
        return self.act(text="/start")["update"]["message"]["chat"]["id"]

    def talk(self):
        params = {"bot": TOKEN, "as": self.listener.id, "format": "json"}
        return requests.get(f"{self.url}/telegram/chat/messages", params=params, timeout=5).json()


@pytest.fixture
def bot(sandbox):
    sandbox.state.set_option("friend_limits", False)
    return Bot(sandbox)


def test_me_and_bad_tokens(bot):
    assert bot.result("getMe")["is_bot"] is True
    assert bot.call("getme")["ok"]
    assert bot.call("getMe", token="123:")["error_code"] == 401
    assert bot.call("getMe", token="nonsense")["error_code"] == 404
    assert bot.call("noSuchMethod")["error_code"] == 404


def test_updates_wait_until_they_are_confirmed(bot):
    chat = bot.start()
    first = bot.result("getUpdates")
    assert first[0]["message"]["entities"][0]["type"] == "bot_command"
    assert bot.result("getUpdates") == first
    assert bot.result("getUpdates", offset=first[0]["update_id"] + 1) == []
    bot.act(text="one")
    bot.act(text="two")
    assert [update["message"]["text"] for update in bot.result("getUpdates", limit=1)] == ["one"]
    assert [update["message"]["text"] for update in bot.result("getUpdates", offset=-1)] == ["two"]
    assert bot.result("sendMessage", chat_id=chat, text="hello")["text"] == "hello"


def test_long_polling_answers_at_once_when_somebody_writes(bot):
    found = Queue()
    thread = threading.Thread(target=lambda: found.put(bot.result("getUpdates", timeout=20)))
    thread.start()
    bot.act(text="hi")
    assert found.get(timeout=5)[0]["message"]["text"] == "hi"
    thread.join(timeout=5)


def test_messages_carry_marks_and_buttons(bot):
    chat = bot.start()
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
    sent = bot.result("sendMessage", chat_id=chat, text="<b>Ok?</b>", parse_mode="HTML", reply_markup=keyboard)
    assert sent["text"] == "Ok?"
    update = bot.act(message_id=sent["message_id"], data="yes")["update"]
    query = bot.result("getUpdates", offset=update["update_id"])[0]["callback_query"]
    assert query["data"] == "yes"
    assert bot.result("answerCallbackQuery", callback_query_id=query["id"], text="Noted") is True
    assert bot.call("answerCallbackQuery", callback_query_id=query["id"])["error_code"] == 400
    edited = bot.result("editMessageText", chat_id=chat, message_id=sent["message_id"], text="Done")
    assert edited["text"] == "Done"
    again = bot.call("editMessageText", chat_id=chat, message_id=sent["message_id"], text="Done")
    assert "not modified" in again["description"]
    assert bot.result("deleteMessage", chat_id=chat, message_id=sent["message_id"]) is True
    assert bot.talk()["notice"] == "Noted"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "<b>open", "parse_mode": "HTML"}, "Can't find end tag"),
        ({"text": "<h1>no</h1>", "parse_mode": "HTML"}, "Unsupported start tag"),
        ({"text": "<b><i>x</b></i>", "parse_mode": "HTML"}, "Unmatched end tag"),
        ({"text": "a < b", "parse_mode": "HTML"}, "Unsupported start tag"),
        ({"text": "Done.", "parse_mode": "MarkdownV2"}, "reserved"),
        ({"text": "*open", "parse_mode": "MarkdownV2"}, "Can't find end"),
        ({"text": "x", "parse_mode": "Fancy"}, "unsupported parse_mode"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "A", "callback_data": "é" * 33}]]}},
            "BUTTON_DATA",
        ),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "A"}]]}}, "unallowed"),
        ({"text": "x", "reply_markup": "{broken"}, "can't parse reply markup"),
        ({"text": "x", "chat_id": 5}, "chat not found"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
    ],
)
def test_what_telegram_refuses(bot, given, words):
    chat = bot.start()
    answer = bot.call("sendMessage", **{"chat_id": chat} | given)
    assert (answer["ok"], answer["error_code"]) == (False, 400)
    assert words in answer["description"]


def test_markdown_that_is_right(bot):
    chat = bot.start()
    text = r"*Bold* _slanted_ [link](https://example.org) 3\.5 \- `code`"
    sent = bot.result("sendMessage", chat_id=chat, text=text, parse_mode="MarkdownV2")
    assert sent["text"] == "Bold slanted link 3.5 - code"


def test_those_who_blocked_are_not_reached(bot):
    chat = bot.start()
    bot.act(block=1)
    assert bot.call("sendMessage", chat_id=chat, text="x")["error_code"] == 403
    assert bot.result("getUpdates")[-1]["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    bot.act(text="back")
    assert bot.result("sendMessage", chat_id=chat, text="x")


def test_bots_cannot_write_first(bot):
    assert "chat not found" in bot.call("sendMessage", chat_id=bot.talk()["chat_id"] + 1, text="x")["description"]


def test_too_many_messages(sandbox, now):
    bot = Bot(sandbox)
    sandbox.clock.freeze(now)
    chat = bot.start()
    codes = [bot.call("sendMessage", chat_id=chat, text=str(n)).get("error_code") for n in range(6)]
    assert codes == [None] * 5 + [429]
    assert bot.call("sendMessage", chat_id=chat, text="x")["parameters"]["retry_after"] > 0


def test_commands_and_files(bot):
    chat = bot.start()
    assert bot.result("setMyCommands", commands=[{"command": "vibe", "description": "Today's list"}]) is True
    assert bot.result("getMyCommands")[0]["command"] == "vibe"
    assert bot.call("setMyCommands", commands=[{"command": "Not OK", "description": "x"}])["error_code"] == 400
    url = f"{bot.url}/telegram/bot{TOKEN}/sendDocument"
    sent = requests.post(url, data={"chat_id": chat}, files={"document": ("a.csv", b"1,2")}, timeout=5).json()
    assert sent["result"]["document"]["file_size"] == 3
    assert bot.result("sendChatAction", chat_id=chat, action="typing") is True
    assert bot.result("getChat", chat_id=chat)["type"] == "private"


class Hook(BaseHTTPRequestHandler):
    answers: list[int]
    heard: Queue

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.answers.pop(0) if self.answers else 200
        chat = msgspec.json.decode(body)["message"]["chat"]["id"]
        reply = msgspec.json.encode({"method": "sendMessage", "chat_id": chat, "text": "through the hook"})
        self.send_response(status)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)
        self.heard.put((status, self.headers["X-Telegram-Bot-Api-Secret-Token"], msgspec.json.decode(body)))

    def log_message(self, *args):
        pass


def test_webhooks_are_called_with_their_secret_and_may_answer(bot, monkeypatch):
    monkeypatch.setattr("vibesite.sandbox.telegram_updates.PAUSE_S", 0.01)
    Hook.answers, Hook.heard = [500], Queue()
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/hook"
    assert bot.result("setWebhook", url=url, secret_token="s3cret", allowed_updates=["message"]) is True
    assert bot.call("getUpdates")["error_code"] == 409
    bot.act(text="/start")
    assert Hook.heard.get(timeout=5)[0] == 500
    status, secret, update = Hook.heard.get(timeout=5)
    assert (status, secret, update["message"]["text"]) == (200, "s3cret", "/start")
    server.shutdown()
    server.server_close()
    assert "500" in bot.result("getWebhookInfo")["last_error_message"]
    assert bot.result("deleteWebhook") is True
    assert bot.result("getUpdates") == []


def test_webhooks_must_be_https_elsewhere(bot):
    assert bot.call("setWebhook", url="http://example.org/hook")["error_code"] == 400
    assert bot.call("setWebhook", url="https://example.org/hook")["ok"]


def test_the_chat_page(bot, sandbox):
    chat = bot.start()
    keyboard = {"inline_keyboard": [[{"text": "Go <on>", "callback_data": "go"}]]}
    bot.result("sendMessage", chat_id=chat, text="<i>Hey</i> & ho", parse_mode="HTML", reply_markup=keyboard)
    bot.result("sendMessage", chat_id=chat, text="<script>x</script>", reply_markup={"keyboard": [["Menu"]]})
    params = {"bot": TOKEN, "as": bot.listener.id}
    page = requests.get(f"{sandbox.url}/telegram/chat", params=params, timeout=5).text
    assert 'value="Menu"' in page
    talk = requests.get(f"{sandbox.url}/telegram/chat/messages", params=params, timeout=5).text
    assert "<i>Hey</i> &amp; ho" in talk
    assert "Go &lt;on&gt;" in talk
    assert "<script>" not in talk
    sent = requests.post(f"{sandbox.url}/telegram/chat", data=params | {"text": "typed"}, timeout=5)
    assert sent.history[0].status_code == 303
    assert bot.talk()["messages"][-1]["text"] == "typed"


def test_talks_survive_a_restart(tmp_path):
    from vibesite.sandbox.server import SandboxServer
    from vibesite.sandbox.world import Size, World

    world = World(size=Size.SMALL)
    for _ in range(2):
        with SandboxServer(world, state_path=tmp_path / "state.json") as server:
            body = {"bot": TOKEN, "as": world.listeners[0].id, "text": "hello"}
            requests.post(f"{server.url}/telegram/chat", json=body, timeout=5)
            updates = requests.get(f"{server.url}/telegram/bot{TOKEN}/getUpdates", timeout=5).json()["result"]
    assert len(updates) == 2
