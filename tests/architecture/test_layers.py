"""The arrows of the architecture point down only (the contracts stand in pyproject.toml)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_import_contracts_are_kept():
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr


def test_only_its_command_and_the_tests_import_the_sandbox():
    """Grimp sees no imports inside functions' strings; a plain search sees all."""
    users = [
        str(path.relative_to(ROOT))
        for app in ("accounts", "ingest", "insights", "playlists", "vibesite")
        for path in (ROOT / app).rglob("*.py")
        if "vibesite.sandbox" in path.read_text() and "sandbox" not in path.relative_to(ROOT / app).parts[0]
    ]
    assert set(users) <= {"vibesite/management/commands/sandbox.py"}
