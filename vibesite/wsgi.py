"""The entry point of the web processes."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibesite.settings")
application = get_wsgi_application()


def warm() -> None:
    """Do before the first person asks what would be done at the first request: with preloading, once for all processes.

    Reads all addresses and templates and makes the front page in every language. Asks no database, as connections
    cannot be handed to the processes that are forked later.
    """
    from django.conf import settings
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest
    from django.template.loader import get_template
    from django.urls import get_resolver
    from django.utils import translation

    from vibesite.home import home

    get_resolver().reverse_dict  # noqa: B018  # reading it imports every view
    root = settings.BASE_DIR / "templates"
    for path in root.rglob("*.html"):
        get_template(str(path.relative_to(root)))
    import_module("numpy.ma")  # numpy imports it when `unique` is first called, for 25 ms
    for language, _name in settings.LANGUAGES:
        request = HttpRequest()
        request.method = "GET"
        request.user = AnonymousUser()
        with translation.override(language):
            home(request)
    # What is there by now stays for ever: without this the first collection in each process walks all of it, and
    # copies every page of memory that the processes share.
    gc.collect()
    gc.freeze()


warm()
