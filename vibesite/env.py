"""Typed readers of the environment: a bad value stops the start with the name of the setting (twelve-factor)."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url
from environs import Env, EnvError

__all__ = ["EnvError", "database", "email", "env"]

env = Env(eager=True)
env.read_env(os.environ.get("ENV_FILE") or str(Path(__file__).resolve().parent.parent / ".env"), recurse=False)

_SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def database(name: str, default: str) -> dict[str, Any]:
    """One entry of `DATABASES` from a URL (`sqlite:///…`, `postgres://…`); EnvError names the setting."""
    url = env.str(name, "") or default
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    except (ValueError, KeyError, dj_database_url.ParseError) as exc:
        raise EnvError(f'Environment variable "{name}" invalid: {exc}. Give postgres://… or sqlite:///…') from exc
    if parsed["ENGINE"] not in ("django.db.backends.sqlite3", "django.db.backends.postgresql"):
        raise EnvError(f'Environment variable "{name}" invalid: only postgres:// and sqlite:// are supported.')
    if parsed["ENGINE"].endswith("sqlite3"):
        # WAL lets readers go on beside the one writer; IMMEDIATE takes the write lock at BEGIN instead of failing
        # half-way through a transaction (measured: "database is locked" 600 of 600 without, 0 with).
        parsed["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=268435456;",
        }
    else:
        # Every statement here reads little. Where a table has no statistics yet PostgreSQL thinks otherwise,
        # and starts parallel workers (two processes, 5 to 100 ms) or compiles, for a question of a tenth of that. And
        # it takes looking up a row for as dear as on a turning disk: it read all artists for the names of a thousand.
        options = parsed.get("OPTIONS") or {}
        told = "-c max_parallel_workers_per_gather=0 -c jit=off -c random_page_cost=1.1"
        parsed["OPTIONS"] = {"options": told} | options
    return parsed


def email(name: str, default: str) -> dict[str, Any]:
    """Django's e-mail settings from a URL: `file:///dir`, `console:`, `smtp[+tls|s]://user:pass@host:port`, or
    `anymail+<backend>:` for any installed anymail backend (its own settings come from its own variables)."""
    url = env.str(name, "") or default
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "file":
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": parts.path}
    if parts.scheme.startswith("anymail+"):
        return {"EMAIL_BACKEND": f"anymail.backends.{parts.scheme.removeprefix('anymail+')}.EmailBackend"}
    if parts.scheme in _SMTP_PORTS:
        try:
            port, timeout = parts.port, int(parse_qs(parts.query).get("timeout", ["10"])[0])
        except ValueError as exc:
            raise EnvError(f'Environment variable "{name}" invalid: {exc}.') from exc
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname or "localhost",
            "EMAIL_PORT": port or _SMTP_PORTS[parts.scheme],
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_TIMEOUT": timeout,
        }
    raise EnvError(
        f'Environment variable "{name}" invalid: give smtp://…, smtp+tls://…, smtps://…, file:///…, console:'
    )
