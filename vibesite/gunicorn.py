"""How the web processes run. Sync workers: measured as fast as any other kind, and the steadiest (see docs)."""

import gc
import os
from typing import Any

from vibesite.supervisor import die_with_parent

wsgi_app = "vibesite.wsgi"
preload_app = True  # one reading of the code, shared memory
workers = int(os.environ.get("WEB_WORKERS") or (os.cpu_count() or 1) + 1)
timeout = 900  # s a request may take: a 400 MB upload over a slow line; nothing else is slow, no view calls outside
graceful_timeout = 20
keepalive = 5
max_requests = 20_000  # then a worker is replaced, against slow leaks
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - a heartbeat file, not data
errorlog = "-"
control_socket_disable = True  # it would lie in the home folder, one for all servers of this user
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


def post_worker_init(worker: Any) -> None:
    from vibesite.wsgi import warm_worker

    warm_worker()


def post_request(worker: Any, request: Any, environ: Any, response: Any) -> None:
    from ingest import afterwards

    afterwards.run()
    gc.collect()  # a page leaves rings of references (its template's context), and with them the arrays of its figures


def post_fork(server: Any, worker: Any) -> None:
    if os.environ.get("VIBESITE_SUPERVISED"):
        die_with_parent(server.pid)
