"""Work for real processes to be killed in: each step leaves a row, written together with the step.

Imported by the workers of the tests marked `kill` (`CELERY_IMPORTS=tests.rehearsal`).
Run as a program it prepares a database: `python -m tests.rehearsal NUMBER STEPS SECONDS_A_STEP [deadly]`.
"""

import os
import signal
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibesite.settings")

if __name__ == "__main__":
    import django

    django.setup()

from django.db import transaction

from accounts import jobs
from accounts.models import Job

EFFECT = "rehearsal_effect"


@jobs.handler("rehearsal_steps", queue="bulk")
def steps(run: jobs.Run) -> dict[str, int]:
    total = run.parameters["steps"]
    for number in range(run.step.get("next", 0), total):
        time.sleep(run.parameters["seconds"])
        with transaction.atomic():
            Job.objects.create(kind=EFFECT, state=Job.State.DONE, key=f"{run.job.pk}:{number}")
            run.commit_step(next=number + 1)
        run.advance(number + 1, total, "Stepping", unit="steps")
    return {"steps": total}


@jobs.handler("rehearsal_deadly", queue="bulk", max_attempts=3)
def deadly(run: jobs.Run) -> None:
    """Kills the process that runs it, as a crash in a C library or the kernel short of memory would."""
    os.kill(os.getpid(), signal.SIGKILL)


def prepare(number: int, steps_each: int, seconds: float, deadly_too: bool) -> None:
    from vibesite.management.commands.serve import prepare_database

    prepare_database()
    for _ in range(number):
        jobs.start("rehearsal_steps", owner=None, parameters={"steps": steps_each, "seconds": seconds})
    if deadly_too:
        jobs.start("rehearsal_deadly", owner=None, parameters={})


if __name__ == "__main__":
    sys.modules["tests.rehearsal"] = sys.modules["__main__"]
    prepare(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), "deadly" in sys.argv)
