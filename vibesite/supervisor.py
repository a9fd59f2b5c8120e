"""Runs the processes of one host: prefixes their lines, starts again what fell, ends them gently or not at all late.

Each child leads a session of its own, so Ctrl-C reaches only the supervisor, which then asks the leaders to end; their
own children (pool, web workers) are never signalled from here, or running tasks would die. Should the supervisor be
killed, the kernel kills each child (`die_with_parent`), and they theirs: nothing is left over.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, TextIO

GRACE_S = 30.0  # for running tasks to finish; longer jobs give way by themselves before (accounts/jobs.py)
STEADY_S = 20.0  # a child that ran so long fell by chance: start it again without waiting
LONGEST_WAIT_S = 30.0
COLOURS = ("36", "33", "35", "32", "34", "31")
_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int | None = None) -> None:
    """Ask the kernel to kill this process when its parent ends. Linux only; elsewhere does nothing."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)  # it ended before we could ask


@dataclass
class Child:
    """One process to keep running. Those that are `late` are asked to end only when the others are gone."""

    name: str
    command: Sequence[str]
    late: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    falls: int = 0  # in a row
    start_at: float = 0.0

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    def __init__(self, *, folder: Path, out: TextIO | None = None, grace_s: float = GRACE_S) -> None:
        self.folder = folder
        self.out = out or sys.stdout
        self.grace_s = grace_s
        self.children: list[Child] = []
        self.stopping = 0  # how often we were asked to end
        self._lock = threading.Lock()
        self._colour = self.out.isatty() and not os.environ.get("NO_COLOR")

    # --- talking ---

    def say(self, name: str, line: str) -> None:
        names = [child.name for child in self.children]
        label = f"{name:>8} │"
        if self._colour and name in names:
            label = f"\x1b[{COLOURS[names.index(name) % len(COLOURS)]}m{label}\x1b[0m"
        with self._lock, contextlib.suppress(OSError, ValueError):  # nobody listens any more: work on
            self.out.write(f"{label} {line.rstrip()}\n")
            self.out.flush()

    def _pass_on(self, name: str, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self.say(name, line)

    # --- starting ---

    def add(self, child: Child) -> None:
        """Start `child` now and keep it running."""
        self.children.append(child)
        self._start(child)

    def _start(self, child: Child) -> None:
        parent = os.getpid()
        child.started = time.monotonic()
        child.process = subprocess.Popen(  # noqa: S603 - our own commands
            child.command,
            cwd=self.folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "VIBESITE_SUPERVISED": "1", **child.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(parent),
        )
        assert child.process.stdout is not None
        threading.Thread(target=self._pass_on, args=(child.name, child.process.stdout), daemon=True).start()

    def listen(self) -> None:
        """Take Ctrl-C and SIGTERM as the wish to end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self.stopping += 1

    # --- running ---

    def watch_once(self) -> None:
        """Start again what fell and is due; a child that falls again and again waits ever longer."""
        now = time.monotonic()
        for child in self.children:
            if child.running:
                continue
            if child.process is not None:
                code = child.process.returncode
                self._sweep(child)
                child.falls = 1 if now - child.started > STEADY_S else child.falls + 1
                wait = 0.0 if child.falls == 1 else min(2.0 ** (child.falls - 1), LONGEST_WAIT_S)
                child.process, child.start_at = None, now + wait
                self.say(
                    child.name, f"ended unasked (code {code}); starting again" + (f" in {wait:.0f} s" if wait else "")
                )
            if child.start_at <= now:
                self._start(child)

    def run(self) -> None:
        """Until asked to end; then ends everything."""
        while not self.stopping:
            self.watch_once()
            time.sleep(0.2)
        self.stop()

    # --- ending ---

    def stop(self) -> None:
        """Ask the leaders to end, wait for what they are doing, then kill. A second wish kills at once."""
        self.say("serve", "ending; running tasks may finish (once more to end at once)")
        before, deadline = max(self.stopping, 1), time.monotonic() + self.grace_s
        for late in (False, True):
            these = [child for child in self.children if child.late == late]
            for child in these:
                self._signal(child, signal.SIGTERM)
            while any(child.running for child in these) and time.monotonic() < deadline and self.stopping <= before:
                time.sleep(0.05)
            for child in these:
                if child.running:
                    self.say(child.name, "did not end in time; killed")
                self._sweep(child)
        self.say("serve", "ended")

    def _signal(self, child: Child, number: signal.Signals) -> None:
        if child.running and child.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.process.pid, number)

    def _sweep(self, child: Child) -> None:
        """Kill whatever is left of the child's session."""
        if child.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
