"""The entry point of the web processes."""

import ctypes
import gc
import os
from collections.abc import Callable
from importlib import import_module
from tempfile import SpooledTemporaryFile
from typing import Any
from wsgiref.util import setup_testing_defaults

import django
from django.core.handlers.wsgi import WSGIHandler

_MOST_CHUNKED = 16 << 20  # bytes: more than a thousand listens, or any form without files
_IN_MEMORY = 1 << 20
_NO_LENGTH = b"Say the length of what is sent (Content-Length): only up to 16 MB are taken without.\n"


class Measured(WSGIHandler):
    """Takes bodies that come in chunks.

    Django reads as much as Content-Length says, so it would find nothing in them; programs whose library writes JSON
    as it goes send no length.
    """

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
        if not chunked or not environ.get("wsgi.input_terminated"):
            return super().__call__(environ, start_response)
        with SpooledTemporaryFile(_IN_MEMORY) as body:
            while (left := _MOST_CHUNKED + 1 - body.tell()) and (part := environ["wsgi.input"].read(min(left, 65_536))):
                body.write(part)
            length = body.tell()
            if length > _MOST_CHUNKED:
                start_response("411 Length Required", [("Content-Type", "text/plain; charset=utf-8")])
                return [_NO_LENGTH]
            body.seek(0)
            return super().__call__(environ | {"wsgi.input": body, "CONTENT_LENGTH": str(length)}, start_response)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibesite.settings")
django.setup(set_prefix=False)
application = Measured()
_loaded: list[Any] = []  # every object that was there before the fork
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_LARGEST = 32 << 20  # bytes of one array, the most that glibc can keep
_BYTES_A_PLAY = 64  # that a page has at work at once, about
_MOST = 256 << 20


def warm() -> None:
    """Do before the first person asks what would be done at the first request: with preloading, once for all processes.

    Reads all addresses and templates and shows the front page in every language. Asks no database, as connections
    cannot be handed to the processes that are forked later.
    """
    from django.conf import settings
    from django.template.loader import get_template
    from django.urls import get_resolver

    from vibesite import api

    get_resolver().reverse_dict  # noqa: B018  # reading it imports every view
    root = settings.BASE_DIR / "templates"
    for path in root.rglob("*.html"):
        get_template(str(path.relative_to(root)))
    for one in (api.api, api.twins):
        api.schema_of(one)
    import_module("numpy.ma")  # numpy imports it when `unique` is first called, for 25 ms
    for language, _name in settings.LANGUAGES:
        _visit("/", language)
    # What is there by now stays for ever: without this the first collection in each process walks all of it.
    gc.collect()
    _loaded.extend(gc.get_objects())
    gc.freeze()


def warm_worker() -> None:
    """The same for one process after the fork: connect to the database and touch what every page touches.

    Where the database is down, or has no tables yet, the pages say so themselves.
    """
    from django.apps import apps
    from django.conf import settings
    from django.db import DatabaseError

    from ingest import afterwards, columns

    afterwards.begin()
    hold_memory(min(_MOST, _BYTES_A_PLAY * columns.longest()))
    # Whoever reads an object counts it, which is a write: the first request would copy thousands of shared pages.
    for start in range(0, len(_loaded), 10_000):
        gc.get_referents(*_loaded[start : start + 10_000])
    try:
        for model in apps.get_models():
            model._base_manager.exists()  # a connection of PostgreSQL reads up on a table when it first meets it
    except DatabaseError:
        return
    _visit("/", settings.LANGUAGE_CODE)


def hold_memory(size: int) -> None:
    """Take `size` bytes, which figures of many plays will need, and give back nothing between two requests.

    The system hands out large arrays a page of 4 KB at a time, at some 5 µs each, and glibc returns them at once: most
    of the time of such a figure. Other libraries of C than glibc do as they do.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt and mallopt(_M_MMAP_THRESHOLD, _LARGEST) and mallopt(_M_TRIM_THRESHOLD, 1 << 30):
        [bytearray(1 << 20) for _ in range(size >> 20)]


def _visit(path: str, language: str) -> None:
    """One request of nobody, through everything that a request goes through."""
    from django.conf import settings

    environ: dict[str, Any] = {"wsgi.url_scheme": "https", "PATH_INFO": path, "HTTP_ACCEPT_LANGUAGE": language}
    environ["HTTP_HOST"] = next((host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"), "localhost")
    setup_testing_defaults(environ)
    # Not by calling `application`: that would close connections, which a process without one need not do.
    application.get_response(application.request_class(environ))


warm()
