"""The OpenAI-compatible endpoint, through the real client: deterministic, true to schemas, strict where OpenAI is."""

import json

import jsonschema
import openai
import pytest

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["persona", "roast", "patterns", "score", "mood", "since"],
    "properties": {
        "persona": {"$ref": "#/$defs/persona"},
        "roast": {"type": "string", "maxLength": 120},
        "patterns": {
            "type": "array",
            "minItems": 3,
            "maxItems": 5,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text", "weight"],
                "properties": {"text": {"type": "string", "minLength": 40}, "weight": {"type": "number", "maximum": 1}},
            },
        },
        "score": {"type": "integer", "minimum": 10, "maximum": 20},
        "mood": {"enum": ["calm", "wild"]},
        "since": {"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]},
    },
    "$defs": {"persona": {"type": ["string", "null"]}},
}
FIGURES = [{"role": "user", "content": 'Plays: 4,812. Skips: 17 %. Top track: "Harbour Lights".'}]


@pytest.fixture
def client(sandbox):
    with openai.OpenAI(api_key="sandbox-key", base_url=sandbox.url + "/openai/v1", max_retries=0) as client:
        yield client


def ask(client, model="sandbox-writer", messages=FIGURES, **more):
    return client.chat.completions.create(model=model, messages=messages, **more)


def form(schema, strict=True):
    return {"type": "json_schema", "json_schema": {"name": "insight", "strict": strict, "schema": schema}}


def test_the_same_prompt_has_the_same_answer(client):
    first, again = ask(client), ask(client)
    assert first.choices[0].message.content == again.choices[0].message.content
    assert ask(client, messages=[{"role": "user", "content": "Else"}]).choices[0].message.content
    assert first.usage.total_tokens == first.usage.prompt_tokens + first.usage.completion_tokens


def test_prose_repeats_figures_that_were_shown_and_the_liar_does_not(client):
    text = ask(client).choices[0].message.content
    assert any(figure in text for figure in ("4,812", "17 %"))
    lie = ask(client, "sandbox-liar").choices[0].message.content
    assert not any(figure in lie for figure in ("4,812", "17 %"))


@pytest.mark.parametrize("model", ["sandbox-writer", "gpt-5-mini"])
def test_answers_fit_the_schema(client, model):
    text = ask(client, model, response_format=form(SCHEMA)).choices[0].message.content
    jsonschema.validate(json.loads(text), SCHEMA)


def test_strict_schemas_are_checked_as_openai_does(client):
    loose = {"type": "object", "properties": {"a": {"type": "string"}}}
    with pytest.raises(openai.BadRequestError, match="additionalProperties"):
        ask(client, response_format=form(loose))
    with pytest.raises(openai.BadRequestError, match="Missing 'a'"):
        ask(client, response_format=form(loose | {"additionalProperties": False, "required": []}))
    assert json.loads(ask(client, response_format=form(loose, strict=False)).choices[0].message.content)["a"]


def test_json_objects_must_be_asked_for(client):
    with pytest.raises(openai.BadRequestError, match="json"):
        ask(client, response_format={"type": "json_object"})
    messages = [{"role": "user", "content": "Answer in JSON."}]
    assert json.loads(
        ask(client, messages=messages, response_format={"type": "json_object"}).choices[0].message.content
    )


def test_streaming_says_the_same(client):
    whole = ask(client).choices[0].message.content
    chunks = list(ask(client, stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == whole
    assert chunks[-1].usage.total_tokens > 0
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"


def test_misbehaving_models(client):
    with pytest.raises(json.JSONDecodeError):
        json.loads(ask(client, "sandbox-garbled", response_format=form(SCHEMA)).choices[0].message.content)
    assert ask(client, "sandbox-refuser").choices[0].message.refusal
    with pytest.raises(openai.NotFoundError):
        ask(client, "no-such-model")


def test_limits_of_length(client):
    with pytest.raises(openai.BadRequestError, match="max_completion_tokens"):
        ask(client, "gpt-5-mini", max_tokens=10)
    short = ask(client, "gpt-5-mini", max_completion_tokens=5).choices[0]
    assert short.finish_reason == "length"
    assert len(short.message.content) <= 20


def test_forced_functions_are_called(client):
    tool = {"type": "function", "function": {"name": "keep", "parameters": SCHEMA}}
    choice = ask(client, tools=[tool], tool_choice={"type": "function", "function": {"name": "keep"}}).choices[0]
    assert choice.finish_reason == "tool_calls"
    jsonschema.validate(json.loads(choice.message.tool_calls[0].function.arguments), SCHEMA)


def test_wrong_keys_and_haste(sandbox, client, now):
    with pytest.raises(openai.AuthenticationError):
        ask(client.with_options(api_key="stolen"))
    sandbox.clock.freeze(now)
    for _ in range(60):
        client.models.list()
    with pytest.raises(openai.RateLimitError):
        client.models.list()
