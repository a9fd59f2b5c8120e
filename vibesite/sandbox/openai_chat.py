"""An OpenAI-compatible chat endpoint that always gives the same answer to the same prompt, and follows JSON schemas.

Models: `sandbox-writer` is well-behaved; `sandbox-liar` makes up figures; `sandbox-garbled` answers broken JSON;
`sandbox-refuser` refuses. Names that begin with `gpt-` or `o` write as the first and are as strict about
`max_completion_tokens` as the real ones. Key: anything that begins with `sandbox` or `sk-`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from werkzeug.wrappers import Response

from vibesite.sandbox.chance import dice, hexes
from vibesite.sandbox.friends import throttle
from vibesite.sandbox.openai_words import Refused, Voice, check_strict, fitting
from vibesite.sandbox.service import Answer, Call, Service, json_response

service = Service(
    "openai",
    "OpenAI-compatible chat",
    prefix="/openai/v1",
    about="Chat completions that never surprise. API key: anything that begins with “sandbox” or “sk-”.",
    examples=("/openai/v1/models",),
)
MODELS = (
    "sandbox-writer",
    "sandbox-liar",
    "sandbox-garbled",
    "sandbox-refuser",
    "gpt-4o-mini",
    "gpt-5-mini",
    "o4-mini",
)
NEWER = ("gpt-5", "o1", "o3", "o4")
LIMIT, SECONDS = 60, 60.0
ROLES = ("system", "developer", "user", "assistant", "tool")


def failed(status: int, message: str, kind: str = "invalid_request_error", **more: Any) -> Response:
    told = {"message": message, "type": kind, "param": more.get("param"), "code": more.get("code")}
    return json_response({"error": told}, status)


@service.refusals
def refuse(status: int, message: str) -> Response:
    if status == 429:
        response = failed(429, "Rate limit reached for requests", "requests", code="rate_limit_exceeded")
        response.headers["Retry-After"] = "2"
        return response
    return failed(status, message, "server_error" if status >= 500 else "invalid_request_error")


@service.before
def let_in(call: Call) -> None:
    key = call.request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not key:
        raise Answer(failed(401, "You didn't provide an API key."))
    if not key.startswith(("sandbox", "sk-")):
        raise Answer(failed(401, f"Incorrect API key provided: {key[:4]}****.", code="invalid_api_key"))
    if throttle(call, f"openai {key}", LIMIT, SECONDS):
        raise Answer(refuse(429, ""))


@service.route("/models")
def models(call: Call) -> dict:
    rows = [{"id": name, "object": "model", "created": 1_760_000_000, "owned_by": "sandbox"} for name in MODELS]
    return {"object": "list", "data": rows}


@service.route("/models/<name>")
def model(call: Call) -> Any:
    name = call.args["name"]
    if name not in MODELS:
        return failed(404, f"The model '{name}' does not exist", code="model_not_found", param="model")
    return {"id": name, "object": "model", "created": 1_760_000_000, "owned_by": "sandbox"}


class Asked(msgspec.Struct):
    """One request, checked."""

    model: str
    messages: list[dict[str, Any]]
    format: dict[str, Any]
    limit: int | None  # tokens
    stream: bool
    usage_last: bool
    tools: list[dict[str, Any]]
    forced: str  # the function that must be called

    @property
    def prompt(self) -> str:
        return "\n".join(_said(message.get("content")) for message in self.messages)


def _said(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content or ""


def _wrong(message: str, param: str | None = None, code: str | None = None) -> Answer:
    return Answer(failed(400, message, param=param, code=code))


def _read(call: Call) -> Asked:
    try:
        body = call.json
    except ValueError:
        raise _wrong("We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict) or not isinstance(body.get("model"), str):
        raise _wrong("you must provide a model parameter")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise _wrong("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
    for place, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            raise _wrong(f"Invalid value for 'messages[{place}].role'.", f"messages[{place}].role", "invalid_value")
    name = body["model"]
    if not name.startswith(("sandbox-", "gpt-", "o")):
        told = f"The model `{name}` does not exist or you do not have access to it."
        raise Answer(failed(404, told, code="model_not_found"))
    if "max_tokens" in body and name.startswith(NEWER):
        told = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        raise _wrong(told, "max_tokens", "unsupported_parameter")
    choice = body.get("tool_choice")
    return Asked(
        name,
        messages,
        _format(body.get("response_format")),
        body.get("max_completion_tokens") or body.get("max_tokens"),
        bool(body.get("stream")),
        bool((body.get("stream_options") or {}).get("include_usage")),
        body.get("tools") or [],
        choice["function"]["name"] if isinstance(choice, dict) else "",
    )


def _format(told: Any) -> dict[str, Any]:
    """The response format, a strict schema checked."""
    told = told or {"type": "text"}
    if not isinstance(told, dict) or told.get("type") not in ("text", "json_object", "json_schema"):
        raise _wrong("Invalid value for 'response_format.type'.", "response_format.type", "invalid_value")
    if told["type"] == "json_schema":
        asked = told.get("json_schema")
        if not isinstance(asked, dict) or not asked.get("name") or not isinstance(asked.get("schema"), dict):
            raise _wrong(
                "Missing required parameter: 'response_format.json_schema.name'.", "response_format.json_schema"
            )
        if asked.get("strict"):
            try:
                check_strict(asked["schema"])
            except Refused as exc:
                told_ = f"Invalid schema for response_format '{asked['name']}': {exc}"
                raise _wrong(told_, "response_format") from None
    return told


def _answer(asked: Asked) -> str:
    chance = dice("openai", asked.model, asked.prompt, json.dumps(asked.format, sort_keys=True))
    voice = Voice(chance, asked.prompt, lies=asked.model == "sandbox-liar")
    kind = asked.format["type"]
    if kind == "json_schema":
        try:
            text = fitting(voice, asked.format["json_schema"]["schema"])
        except Refused as exc:
            raise _wrong(f"Invalid schema for response_format: {exc}", "response_format") from None
    elif kind == "json_object":
        if "json" not in asked.prompt.lower():
            raise _wrong("'messages' must contain the word 'json' in some form.", "messages")
        text = json.dumps({"title": voice.phrase("title"), "text": voice.prose()}, ensure_ascii=False)
    else:
        text = voice.prose()
    return text[: len(text) * 2 // 3] if asked.model == "sandbox-garbled" else text


def _tool_call(asked: Asked) -> dict[str, Any] | None:
    for tool in asked.tools:
        function = tool.get("function", {})
        if asked.forced and function.get("name") == asked.forced:
            voice = Voice(dice("openai tool", asked.model, asked.prompt), asked.prompt)
            arguments = fitting(voice, function.get("parameters") or {"type": "object"})
            call = {"name": asked.forced, "arguments": arguments}
            return {"id": f"call_{hexes(asked.prompt, size=8)}", "type": "function", "function": call}
    return None


def tokens(text: str) -> int:
    return max(1, len(text.encode()) // 4)


def _message(asked: Asked) -> tuple[dict[str, Any], str]:
    """The message, and why it ended."""
    if asked.model == "sandbox-refuser":
        return {"role": "assistant", "content": None, "refusal": "I'm sorry, I can't help with that."}, "stop"
    called = _tool_call(asked)
    if called:
        return {"role": "assistant", "content": None, "refusal": None, "tool_calls": [called]}, "tool_calls"
    text, reason = _answer(asked), "stop"
    if asked.limit and tokens(text) > asked.limit:
        text, reason = text.encode()[: asked.limit * 4].decode(errors="ignore"), "length"
    return {"role": "assistant", "content": text, "refusal": None}, reason


@service.route("/chat/completions", methods=("POST",))
def completions(call: Call) -> Any:
    asked = _read(call)
    message, reason = _message(asked)
    spoken = message["content"] or message["refusal"] or json.dumps(message.get("tool_calls"))
    usage = {"prompt_tokens": tokens(asked.prompt), "completion_tokens": tokens(spoken)}
    usage["total_tokens"] = sum(usage.values())
    head = {
        "id": f"chatcmpl-{hexes('openai', asked.prompt, asked.model, size=12)}",
        "created": int(call.now.timestamp()),
        "model": asked.model,
        "system_fingerprint": "fp_sandbox",
    }
    if asked.stream:
        body = b"".join(_events(head, asked, message, reason, usage))
        return Response(body, content_type="text/event-stream; charset=utf-8", headers={"Cache-Control": "no-cache"})
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    return head | {"object": "chat.completion", "choices": [choice], "usage": usage}


def _events(head: dict, asked: Asked, message: dict, reason: str, usage: dict) -> Iterator[bytes]:
    """The same answer as server-sent events, a few words at a time."""

    def event(delta: dict[str, Any] | None, ended: str | None = None) -> bytes:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": ended}]
        body = head | {"object": "chat.completion.chunk", "choices": choices}
        if asked.usage_last:
            body |= {"usage": usage if delta is None else None}
        return b"data: " + msgspec.json.encode(body) + b"\n\n"

    yield event({"role": "assistant", "content": "", "refusal": None})
    text = message["content"] or ""
    for start in range(0, len(text), 18):
        yield event({"content": text[start : start + 18]})
    if message["refusal"]:
        yield event({"refusal": message["refusal"]})
    for place, called in enumerate(message.get("tool_calls", ())):
        yield event({"tool_calls": [called | {"index": place}]})
    yield event({}, reason)
    if asked.usage_last:
        yield event(None)
    yield b"data: [DONE]\n\n"
