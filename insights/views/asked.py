"""What every page that looks back is asked for: a stretch of time and a rule, kept in the address."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import PersonRequest
from ingest import counts, lens
from ingest.models import Counting
from ingest.period import BadPeriod, Period, parse
from insights.views.sections import Group, groups


@dataclass(frozen=True, slots=True)
class Asked:
    """The period, the person's plays and choices to read it with, and what was wrong with the address."""

    period: Period
    reading: lens.Reading
    rule: str  # of the address; empty for the person's own
    problem: str
    path: str

    @property
    def sections(self) -> list[Group]:
        return groups(self.path)

    @property
    def rule_words(self) -> str:
        """What counts as a play here, in words."""
        rule = self.reading.lens.rule
        if rule.name != "own":
            return str(Counting.Rule(rule.name).label)
        seconds, percent = (rule.least_ms or 0) // 1000, round(100 * (rule.share or 0))
        if not percent:
            return _("at least %(seconds)s seconds") % {"seconds": seconds}
        if not seconds:
            return _("at least %(percent)s%% of the track") % {"percent": percent}
        return _("at least %(seconds)s seconds, or %(percent)s%% of the track") % {
            "seconds": seconds,
            "percent": percent,
        }

    @property
    def status(self) -> int:
        return 400 if self.problem else 200

    @property
    def instead(self) -> str:
        """What is shown in place of a range that names nothing."""
        if self.period.name == "all":
            return _("Here is all of your time instead.")
        return (
            _("Here is the last year instead.") if self.period.name == "1y" else _("Here are the last 4 weeks instead.")
        )

    @property
    def query(self) -> str:
        """The words for an address that asks for the same."""
        return f"{self.period.query}&rule={self.rule}" if self.rule else self.period.query


def asked(request: PersonRequest, *, default: str = "4w") -> Asked:
    """?range=6m&rule=lastfm; a range that names nothing is answered with `default`, and the problem is said.

    Without a range: the days of `from` and `to`, else `default`.
    """
    words = {"first": request.GET.get("from", ""), "last": request.GET.get("to", "")}
    today, user = timezone.localdate(), request.user
    problem = ""
    try:
        name = request.GET.get("range") or ("custom" if any(words.values()) else default)
        period = parse(name, **words, today=today, zone=user.zone, week_starts_on=user.week_starts_on)
    except BadPeriod as exc:
        problem, period = str(exc), parse(default, today=today, zone=user.zone)
    rule = request.GET.get("rule", "")
    rule = rule if rule in counts.RULES else ""
    return Asked(period, lens.read(user, rule=rule), rule, problem, request.path)
