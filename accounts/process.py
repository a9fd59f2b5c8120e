"""Who a process is, in one word that outlives it, and whether it still lives. Plain Python: the broker asks too."""

import mmap
import os
import socket
import struct
import time
from pathlib import Path

# Shared with every process forked after this import: when the worker was asked to end (monotonic seconds; 0: not yet).
_stopping = mmap.mmap(-1, 8)
HOST_LENGTH = 56  # of the whole word, so that it fits `Job.worker`


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def host() -> str:
    """This host and, in a container, this container: name, boot, and space of process numbers."""
    try:
        space = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        space = 0
    boot = _read("/proc/sys/kernel/random/boot_id")[:8] or "boot"
    return f"{socket.gethostname()[:HOST_LENGTH]}/{space}/{boot}"


def _started(pid: int) -> str:
    """Ticks from boot to the start of `pid`, as a number is given to another process later; "" if it does not run."""
    stat = _read(f"/proc/{pid}/stat")
    # The command stands in brackets and may hold spaces: count from behind the last one.
    fields = stat.rpartition(")")[2].split()
    if fields and fields[0] not in "ZX":
        return fields[19]
    if not Path("/proc/self/stat").exists():  # not Linux: a living number is all we can ask for
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return ""
        except PermissionError:
            pass
        return "0"
    return ""


def identity() -> str:
    """This process: `name/space/boot/pid/start`. Differs after each fork and each restart."""
    pid = os.getpid()
    return f"{host()}/{pid}/{_started(pid)}"


def is_dead(word: str) -> bool | None:
    """Whether the process of this `identity()` is gone for certain; None if it is of another host, so unknown here."""
    try:
        name, space, boot, pid, start = word.rsplit("/", 4)
        number = int(pid)
    except ValueError:
        return None
    here_name, here_space, here_boot = host().rsplit("/", 2)
    if name != here_name:
        return None
    if boot != here_boot:
        return True  # this host was started again since
    if space != here_space:
        return None
    return _started(number) != start


def begin_stopping() -> None:
    """This worker was asked to end."""
    _stopping[:8] = struct.pack("d", time.monotonic())


def stopping_for() -> float:
    """Seconds since this worker was asked to end; 0.0 if it was not."""
    since: float = struct.unpack("d", _stopping[:8])[0]
    return time.monotonic() - since if since else 0.0
