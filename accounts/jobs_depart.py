"""Deleting oneself, as a job: a whole life of plays takes longer than a page may."""

from typing import Any

from accounts import jobs
from accounts.actions import depart
from accounts.models import User

KIND = "forget_person"


@jobs.handler(KIND, queue="bulk")
def forget_person(run: jobs.Run) -> dict[str, Any]:
    """Owned by nobody, as its person goes away. A repeat after a crash erases what is left."""
    user = User.objects.filter(pk=run.parameters["user_id"], is_active=False).first()
    if user is None:
        return {}
    gone = depart.forget(user=user, tell=lambda said: run.advance(0, message=said))
    return {"erased": gone.rows}
