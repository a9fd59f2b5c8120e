"""The same date in every year."""

from datetime import date, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest
from insights.actions import this_day
from insights.views.asked import asked


@login_required
@require_safe
def same_date(request: PersonRequest) -> HttpResponse:
    """What was heard on a date, and on it in earlier years: /on-this-day/?day=2024-02-29; today without one."""
    ask, today = asked(request, default="all"), timezone.localdate()
    told, problem, day = request.GET.get("day", ""), "", today
    if told:
        try:
            day = date.fromisoformat(told)
            if not 1970 <= day.year <= 9998:
                raise ValueError
        except ValueError:
            day, problem = today, _("“%(told)s” is no date: write it as 2024-03-31.") % {"told": told[:40]}
    context = {
        "asked": ask,
        "day": day,
        "today": today,
        "problem": problem,
        "is_leap": (day.month, day.day) == (2, 29),
        "days": this_day.years(reading=ask.reading, on=day, today=today),
        "before": f"?day={(day - timedelta(days=1)).isoformat()}",
        "after": f"?day={(day + timedelta(days=1)).isoformat()}",
        "rule_tail": f"&rule={ask.rule}" if ask.rule else "",
    }
    return render(request, "insights/this_day.html", context, status=400 if problem else ask.status)
