"""Spotify's Web API as spotify-openapi.yaml describes it, turned into JSON Schemas a reply can be held against.

The file is `fixed-spotify-open-api.yml` of github.com/sonallux/spotify-web-api, version 2026.5.31, MIT licence,
copyright (c) 2020 sonallux (the text is in LICENSE-spotify-openapi beside it). Where the service is known to differ
from the file, the difference is listed here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FILE = Path(__file__).with_name("spotify-openapi.yaml")

# What may be null though the file does not say so (schema name: properties).
NULL_TOO: dict[str, set[str]] = {
    "CursorPagingObject": {"next", "cursors"},
    "CursorPagingPlayHistoryObject": {"next", "cursors"},
    "PlayHistoryObject": {"context"},
    "CursorObject": {"after", "before"},
    "PlaylistTrackObject": {"added_at", "added_by", "item", "track"},
    "CurrentlyPlayingObject": {"item", "context", "progress_ms"},
    "CurrentlyPlayingContextObject": {"item", "context", "progress_ms"},
    "QueueObject": {"currently_playing"},
    "PrivateUserObject": {"display_name"},
    "FollowersObject": {"href"},
    "SimplifiedPlaylistObject": {"description"},
}
# Lists whose entries may be null: search hits and playlists.
NULL_ENTRIES = {"PagingPlaylistObject"}
# Local files in playlists have no ids, links or dates; they are left out here and looked at in the tests.

# Marked deprecated, yet still sent in development mode: often empty, or a copy.
STILL_SENT = {"genres", "preview_url", "audio_preview_url", "language", "track", "collaborative"}


@cache
def document() -> dict[str, Any]:
    return yaml.load(FILE.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation of everything described."""
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "put", "post", "delete"):
                yield method.upper(), path, operation


@cache
def deprecated_names() -> frozenset[str]:
    """Every property that some schema marks deprecated."""
    names: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for name, inner in (node.get("properties") or {}).items():
                if isinstance(inner, dict) and inner.get("deprecated"):
                    names.add(name)
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk(document()["components"]["schemas"])
    return frozenset(names)


def _plain(node: Any, name: str = "") -> Any:
    """OpenAPI 3.0 to JSON Schema: nullable, examples, and `required` without deprecated names."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _plain(value) for key, value in node.items() if key not in ("example", "nullable", "discriminator")}
    if isinstance(node.get("required"), list):
        made["required"] = [one for one in node["required"] if one not in deprecated_names()]
    for one in NULL_TOO.get(name, ()):
        if one in made.get("properties", {}):
            made["properties"][one] = {"anyOf": [made["properties"][one], {"type": "null"}]}
    if name in NULL_ENTRIES:
        items = made["allOf"][1]["properties"]["items"]
        items["items"] = {"anyOf": [items["items"], {"type": "null"}]}
    for inner in made.get("allOf", []) if name in NULL_TOO else []:
        for one in NULL_TOO[name] & set(inner.get("properties", {})):
            inner["properties"][one] = {"anyOf": [inner["properties"][one], {"type": "null"}]}
    if "$ref" in made:
        made["$ref"] = "urn:spotify" + made["$ref"]
    return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") else made


@cache
def _registry() -> Registry:
    doc = document()
    schemas = {name: _plain(schema, name) for name, schema in doc["components"]["schemas"].items()}
    whole = {"components": {"schemas": schemas}}
    return Registry().with_resource("urn:spotify", Resource.from_contents(whole, default_specification=DRAFT202012))


def schema_of(method: str, path: str, status: int) -> dict[str, Any] | None:
    """The schema of a reply's body; None where the file promises none."""
    operation = document()["paths"][path][method.lower()]
    response = operation["responses"].get(str(status))
    if response is None:
        raise AssertionError(f"{method} {path} does not declare {status}")
    if "$ref" in response:
        response = document()["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content = response.get("content", {}).get("application/json")
    return _plain(content["schema"]) if content else None


def faults_of(method: str, path: str, status: int, body: Any) -> list[str]:
    """What is wrong with a reply; empty if nothing is."""
    schema = schema_of(method, path, status)
    if schema is None:
        return [] if body in (None, "") else [f"{method} {path} promises no body"]
    body = _without_local(body)
    validator = Draft202012Validator(schema, registry=_registry())
    found = validator.iter_errors(body)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]


def _without_local(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _without_local(inner) for name, inner in body.items()}
    if isinstance(body, list):
        return [_without_local(one) for one in body if not (isinstance(one, dict) and one.get("is_local") is True)]
    return body


def removed_fields_in(body: Any, where: str = "") -> Iterator[str]:
    """Paths of deprecated fields in a development-mode reply."""
    if isinstance(body, dict):
        for name, inner in body.items():
            if name in _removed_for(body) and name not in STILL_SENT:
                yield f"{where}/{name}"
            yield from removed_fields_in(inner, f"{where}/{name}")
    elif isinstance(body, list):
        for place, inner in enumerate(body):
            yield from removed_fields_in(inner, f"{where}/{place}")


_REMOVED = {
    "track": {"available_markets", "linked_from", "popularity"},
    "album": {"album_group", "available_markets", "label", "popularity"},
    "artist": {"followers", "popularity"},
    "user": {"country", "email", "explicit_content", "followers", "product"},
    "show": {"available_markets", "publisher"},
    "audiobook": {"available_markets", "publisher"},
    "episode": {"available_markets"},
    "playlist": {"tracks"},
}


def _removed_for(body: dict[str, Any]) -> set[str]:
    return _REMOVED.get(str(body.get("type")), set())


def filled(path: str, values: dict[str, str]) -> str:
    """`/albums/{id}` with the braces filled in."""
    return re.sub(r"\{(\w+)\}", lambda match: values[match[1]], path)
