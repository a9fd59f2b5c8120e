"""A job's live line, its name and figures, and the button to begin it again."""

from typing import Any

from django import template
from django.utils.translation import gettext, gettext_noop, ngettext, ngettext_lazy

from accounts import requeue
from accounts.models import Job
from vibesite.templatetags.numbers import count, span

register = template.Library()

TITLES = {
    "history_import": gettext_noop("Reading a history export"),
    "export_history": gettext_noop("Packing an export"),
    "take_snapshots": gettext_noop("Taking snapshots of your listening"),
    "pull_library": gettext_noop("Fetching likes and playlists"),
    "ask_provider": gettext_noop("Asking about your tracks"),
    "label_tracks": gettext_noop("Writing your word on many tracks"),
    "fetch_tracks": gettext_noop("Fetching tracks"),
    "pull_likes": gettext_noop("Fetching likes"),
    "pull_playlists": gettext_noop("Fetching playlists"),
    "recent_plays": gettext_noop("Fetching recent plays"),
    "first_pull": gettext_noop("First look at Spotify"),
    "playlist_sync": gettext_noop("Writing a playlist"),
    "rebuild_columns": gettext_noop("Rebuilding figures"),
    "rule_sync": gettext_noop("Choosing a rule’s tracks"),
    "pipeline_tracks": gettext_noop("Taking stock of your tracks"),
    "pipeline_external": gettext_noop("Asking what is known of your tracks"),
    "pipeline_classify": gettext_noop("Sorting your tracks by mood"),
    "pipeline_build": gettext_noop("Putting lists together"),
    "pipeline_diff": gettext_noop("Comparing lists with your playlists"),
    "depart": gettext_noop("Deleting what came from Spotify"),
}

# What a job counts: done so far, and done of a known whole.
UNITS = {
    "rows": (
        ngettext_lazy("%(done)s row", "%(done)s rows", "n"),
        ngettext_lazy("%(done)s of %(total)s row", "%(done)s of %(total)s rows", "n"),
    ),
    "tracks": (
        ngettext_lazy("%(done)s track", "%(done)s tracks", "n"),
        ngettext_lazy("%(done)s of %(total)s track", "%(done)s of %(total)s tracks", "n"),
    ),
}


@register.inclusion_tag("components/job_progress.html")
def job_progress(job: Job, *, still: bool = False) -> dict[str, Any]:
    """A job's live line: asks for itself anew each second while the job is open, and stands still after.

    htmx sends the block's id as HX-Target; the job's page answers with this block alone.
    """
    return {"job": job, "still": still}


@register.inclusion_tag("components/job_again.html")
def job_again(job: Job, *, quiet: bool = False) -> dict[str, Any]:
    """The button that begins a failed or stopped job again; unless `quiet`, else why that cannot be."""
    asked = requeue.may_ask(job)
    return {"job": job, "asked": asked, "why_not": requeue.why_not(job) if asked else "", "quiet": quiet}


@register.simple_tag
def job_title(job: Job) -> str:
    title = gettext(TITLES[job.kind]) if job.kind in TITLES else job.kind.replace("_", " ").capitalize()
    label = job.parameters.get("source_label")
    return f"{title}: {label}" if label else title


@register.filter
def job_figures(job: Job) -> str:
    """“12,000 of 90,000 rows · 8,100 a second · 10 s left”, as far as it is known."""
    parts = []
    if job.done or job.total:
        parts.append(_counted(job))
    rate = job.rate()
    if rate is not None and rate >= 1 and job.done > 100:
        parts.append(gettext("%(rate)s a second") % {"rate": count(rate)})
    left = job.time_left()
    if left is not None:
        parts.append(gettext("%(span)s left") % {"span": span(left.total_seconds() * 1000)})
    if job.attempts > 1:
        parts.append(ngettext("attempt %(n)d", "attempt %(n)d", job.attempts) % {"n": job.attempts})
    return " · ".join(parts)


def _counted(job: Job) -> str:
    figures = {"done": count(job.done), "total": count(job.total), "n": job.total or job.done}
    if job.unit in UNITS:
        return str(UNITS[job.unit][bool(job.total)] % figures)
    return gettext("%(done)s of %(total)s") % figures if job.total else str(figures["done"])
