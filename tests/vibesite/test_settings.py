"""Settings say what is wrong by name, are all in `.env.example`, and production refuses what is only for trying."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks

from vibesite import checks

ROOT = Path(__file__).resolve().parents[2]
NOT_FOR_FILES = {"ENV_FILE"}


def names_read() -> set[str]:
    found: set[str] = set()
    for name in ("settings.py", "gunicorn.py", "env.py", "management/commands/serve.py"):
        text = (ROOT / "vibesite" / name).read_text()
        found |= set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))
        found |= set(re.findall(r'(?:_outside|database|email)\("([A-Z_]+)"', text))
        found |= set(re.findall(r'environ\.get\("([A-Z_]+)"', text))
    return found - NOT_FOR_FILES - {"VIBESITE_SUPERVISED"}


def test_every_setting_is_in_the_example():
    shown = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert names_read() - shown == set()
    assert shown - names_read() == set()


def start(tmp_path, **environment: str) -> subprocess.CompletedProcess:
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "ENV_FILE": os.devnull, **environment}
    code = "import django; django.setup(); from django.conf import settings as s; print(s.DEBUG, s.CELERY_BROKER_URL)"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=env | {"DJANGO_SETTINGS_MODULE": "vibesite.settings"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"DEBUG": "maybe"}, "DEBUG"),
        ({"DEBUG": "off"}, "SECRET_KEY"),
        ({"ENVIRONMENT": "production"}, "SECRET_KEY"),
        ({"DATABASE_URL": "mysql://nobody@nowhere/x"}, "DATABASE_URL"),
        ({"EMAIL_URL": "pigeon://loft"}, "EMAIL_URL"),
        ({"SIGN_UP": "sometimes"}, "SIGN_UP"),
        ({"SPOTIFY_DAILY_CALLS": "many"}, "SPOTIFY_DAILY_CALLS"),
        ({"SPOTIFY_DAILY_CALLS": "-5"}, "SPOTIFY_DAILY_CALLS"),
        ({"EMAIL_URL": "smtp://host:many"}, "EMAIL_URL"),
        ({"EMAIL_URL": "smtp://host?timeout=soon"}, "EMAIL_URL"),
        ({"REDIS_URL": "htp://host"}, "REDIS_URL"),
        ({"SPOTIFY_API_URL": "api.spotify.com/v1"}, "SPOTIFY_API_URL"),
        ({"PLAYLIST_VISIBILITY": "hidden"}, "PLAYLIST_VISIBILITY"),
        ({"MIN_NEW_RATIO": "60"}, "MIN_NEW_RATIO"),
        ({"UPLOAD_MAX_MB": "-1"}, "UPLOAD_MAX_MB"),
        ({"POLL_FASTEST_S": "0"}, "POLL_FASTEST_S"),
        ({"SANDBOX_PORT": "80900"}, "SANDBOX_PORT"),
    ],
)
def test_a_bad_setting_stops_the_start_by_name(tmp_path, environment, named):
    result = start(tmp_path, **environment)
    assert result.returncode != 0
    assert named in result.stderr.strip().splitlines()[-1]


def test_a_file_is_read_and_the_environment_wins(tmp_path):
    (tmp_path / "env").write_text("BROKER_URL=redis://from-file/1\nDEBUG=off\n")
    result = start(tmp_path, ENV_FILE=str(tmp_path / "env"), DEBUG="on")
    assert result.stdout.split() == ["True", "redis://from-file/1"]


@pytest.fixture
def production(settings):
    settings.DEBUG = False
    settings.SPOTIFY_SANDBOX = False
    settings.SECRET_KEY = "x" * 60
    settings.SPOTIFY_TOKEN_KEY = Fernet.generate_key().decode()
    settings.ON_SQLITE = settings.BROKER_EMBEDDED = False
    return settings


def ours() -> set[str]:
    found = run_checks(include_deployment_checks=True, tags=["security", "database"], databases=["default"])
    return {message.id for message in found if message.id and message.id.startswith("vibesite.")}


def test_a_proper_production_has_no_complaints(production, db):
    assert ours() == set()


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SPOTIFY_SANDBOX", True, "vibesite.E001"),
        ("SECRET_KEY", checks.EMBEDDED_SECRET, "vibesite.E002"),
        ("SPOTIFY_TOKEN_KEY", checks.EMBEDDED_TOKEN_KEY, "vibesite.E003"),
        ("SPOTIFY_TOKEN_KEY", f"{'A' * 43}=,{checks.EMBEDDED_TOKEN_KEY}", "vibesite.E003"),
        ("SPOTIFY_TOKEN_KEY", "", "vibesite.E004"),
        ("SPOTIFY_TOKEN_KEY", "short", "vibesite.E005"),
        ("SPOTIFY_CLIENT_SECRET", "", "vibesite.E006"),
        ("BROKER_EMBEDDED", True, "vibesite.W001"),
    ],
)
def test_production_refuses(production, db, name, value, complaint):
    setattr(production, name, value)
    assert complaint in ours()
