"""Where a bench runs: a folder and a database of its own, and processes of its own."""

import json
import os
import subprocess
import sys
from typing import Any

SECRETS = {"SECRET_KEY": "bench" * 12, "SPOTIFY_TOKEN_KEY": "dmliZXNpdGUtZW1iZWRkZWQtZGVtby1rZXktMzJiISE="}


def take(folder: str, database: str = "") -> None:
    """Let this process and those it starts use `folder`, and this database or SQLite; as in production, but quiet."""
    os.environ.update(SECRETS, VAR_DIR=folder, ENV_FILE=os.devnull, DEBUG="off", HTTPS="off", LOG_LEVEL="ERROR")
    os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
    os.environ.pop("DATABASE_URL", None)
    if database:
        os.environ["DATABASE_URL"] = database


def beside(url: str, ending: str = "_bench") -> str:
    """A database of the name in `url` with `ending` behind it, on the same server."""
    root, _, name = url.rpartition("/")
    return f"{root}/{name.removesuffix(ending)}{ending}"


def emptied(url: str) -> str:
    """The same database, made anew."""
    _on_server(url, 'DROP DATABASE IF EXISTS "{}" WITH (FORCE)', 'CREATE DATABASE "{}"')
    return url


def dropped(url: str) -> None:
    _on_server(url, 'DROP DATABASE IF EXISTS "{}" WITH (FORCE)')


def _on_server(url: str, *statements: str) -> None:
    import psycopg

    root, _, name = url.rpartition("/")
    with psycopg.connect(f"{root}/postgres".replace("postgres://", "postgresql://"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.format(name))


def set_up() -> None:
    """Django, with its files as the product serves them but without their fingerprints, which `collectstatic` makes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibesite.settings")
    import django
    from django.conf import settings

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    django.setup()


def inside(module: str, *arguments: str) -> dict[str, Any]:
    """What a process of its own (`python -m module …`) prints as its last line, as JSON."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{module} {' '.join(arguments)} failed")
    return json.loads(done.stdout.splitlines()[-1])


def load() -> str:
    """How busy the machine is, for people who compare figures."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
