"""Rules under /api/data/rules: the list, storing, checking, trying; and what rules would make of tracks."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Body, Field, Router, Schema
from ninja.errors import HttpError

from accounts.api import may
from accounts.models import User
from ingest.api import person
from playlists import enrichment, rule_sets, words
from playlists.actions import known_tracks, preview
from playlists.actions import rule_sets as stored
from playlists.library import Library
from playlists.models import Rule
from playlists.rules import choose, explain, gather, schema, validate
from playlists.rules.evaluate import TrackFacts, matches
from playlists.rules.masks import Masks
from playlists.rules.nodes import Condition, Query
from playlists.rules.problems import Invalid, Problem, json_path

router = Router(tags=["rules"])
MOST_RULES, MOST_TRACKS = 200, 10_000  # of one preview
WRONG = "The rule is not as it has to be; see “errors”."


class Told(Schema):
    """One thing that is wrong, or allowed but hardly meant."""

    path: str = Field(..., description="where in the rule: conditions[2].value")
    message: str
    code: str


class Checked(Schema):
    """What `validate` says."""

    valid: bool
    errors: list[Told]
    warnings: list[Told]


class Step(Schema):
    """How one condition, or group, saw the track."""

    path: str
    field: str | None = None
    operator: str
    value: Any = None
    seen: Any = Field(None, description="the value of the track; null: not known")
    provider: str | None = Field(None, description="who told it, where the enrichment says so")
    result: bool


class Evaluated(Schema):
    matches: bool
    trace: list[Step] | None = None


class PreviewOut(Schema):
    """What one rule makes of the tracks."""

    rule_id: str
    rule_name: str
    track_ids: list[str]
    track_count: int
    target_playlist_id: str | None = None


class Asking(Schema):
    """A rule that asks another one."""

    id: str
    name: str


class Asked(Schema):
    """Why a rule stays (`application/problem+json`)."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(..., description="in_use")
    rules: list[Asking]


class Previews(Schema):
    playlists: list[PreviewOut]


class WrongRule(Exception):
    """What was sent is no rule that could be stored; answered 422 with the places."""

    def __init__(self, invalid: Invalid) -> None:
        super().__init__(WRONG)
        self.errors = [told(each) for each in invalid.problems]


class RuleAsked(Exception):
    """Other rules ask the one to be deleted; answered 409 with them."""

    def __init__(self, by: Sequence[Rule]) -> None:
        names = ", ".join(f"“{rule.name}”" for rule in by)
        super().__init__(f"The rule stays, as others ask it: {names}. Take it out of them first.")
        self.rules = [{"id": rule.key, "name": rule.name} for rule in by]


def told(problem: Problem) -> dict[str, Any]:
    at = problem.at or (json_path(problem.node, problem.part) if problem.node is not None else "")
    return {"path": at, "message": words.of(problem), "code": problem.code}


@router.get("/data/rules", response=list[dict[str, Any]], auth=may("read"), summary="The person's rules")
def rule_list(request: HttpRequest) -> list[dict[str, Any]]:
    """In the form that `POST` takes, the highest priority first."""
    return [stored.dumped(rule) for rule in Rule.objects.of(person(request)).select_related("playlist", "schedule")]


@router.post("/data/rules", response=dict[str, Any], auth=may("edit"), summary="Store a rule")
def upsert(request: HttpRequest, asked: Body[dict[str, Any]]) -> dict[str, Any]:
    """A new `id` makes a rule, a known one changes it; what is left out stays. Gives back what is stored."""
    try:
        rule, _created = stored.upsert(user=person(request), data=asked, now=timezone.now())
    except Invalid as exc:
        raise WrongRule(exc) from exc
    return stored.dumped(Rule.objects.select_related("playlist", "schedule").get(pk=rule.pk))


@router.post("/data/rules/validate", response=Checked, auth=may("read"), summary="What is wrong with a rule")
def check(request: HttpRequest, asked: Body[dict[str, Any]]) -> dict[str, Any]:
    """Of `{"rules": …}`, a whole rule, or a bare group: errors forbid storing, warnings do not."""
    try:
        query = schema.load(_group(asked))
    except Invalid as exc:
        return {"valid": False, "errors": [told(each) for each in exc.problems], "warnings": []}
    library = Library(person(request), now=timezone.now())
    found = validate.check(query, coverage=preview.coverage(query, library))
    errors = [told(each) for each in found if not each.warning]
    if "name" in asked and not errors:  # a whole rule: the rest of it, too
        try:
            rule_sets.load(asked)
        except Invalid as exc:
            errors = [told(each) for each in exc.problems]
    return {"valid": not errors, "errors": errors, "warnings": [told(each) for each in found if each.warning]}


@router.post("/data/rules/evaluate", response=Evaluated, auth=may("read"), summary="Try a rule on one enrichment",
             exclude_unset=True)  # fmt: skip
def evaluate(request: HttpRequest, asked: Body[dict[str, Any]], trace: bool = False) -> dict[str, Any]:
    """`enrichment` is a flat mapping, or a list of entries as `/data/enrichments` gives them. With `trace`, here or in
    the body, every condition says what it saw."""
    query, today = _tried(_group(asked)), _today(person(request))
    seen = enrichment.view(asked.get("enrichment"))
    facts = TrackFacts(0, seen.facts)
    answer: dict[str, Any] = {"matches": matches(query.where, facts, today=today)}
    if trace or asked.get("trace") is True:
        steps = explain.trace(query.where, facts, today=today)
        answer["trace"] = [_step(step, seen) for step in steps]
    return answer


def _step(step: explain.Step, seen: enrichment.View) -> dict[str, Any]:
    node, path = step.node, json_path(step.path)
    if not isinstance(node, Condition):
        nothing = dict.fromkeys(("field", "value", "seen", "provider"))
        return {**nothing, "path": path, "operator": node.operator, "result": step.result}
    value = schema.raw_of(node.value)
    provider = seen.told_by.get(node.field) or None
    fact = step.fact.isoformat() if isinstance(step.fact, date) else step.fact
    return {"path": path, "field": node.field, "operator": node.operator, "value": value, "seen": fact,
            "provider": provider, "result": step.result}  # fmt: skip


@router.get("/data/rules/{path:rule_id}", response=dict[str, Any], auth=may("read"), summary="One rule")
def one_rule(request: HttpRequest, rule_id: str) -> dict[str, Any]:
    """In the form that `POST` takes."""
    return stored.dumped(_of_key(person(request), rule_id))


@router.delete("/data/rules/{path:rule_id}", response={200: dict[str, Any], 409: Asked}, auth=may("edit"),
               summary="Delete a rule")  # fmt: skip
def remove(request: HttpRequest, rule_id: str) -> dict[str, Any]:
    """With its schedule; its playlist stays. Gives back the whole rule, so that `POST` brings it back. 409 if other
    rules ask it: nothing was deleted."""
    user = person(request)
    try:
        whole = stored.delete(rule=_of_key(user, rule_id), now=timezone.now())
    except stored.InUse as exc:
        raise RuleAsked(exc.by) from exc
    if request.session.get(SESSION_KEY) == str(user.pk):
        request.session[stored.DELETED] = whole
    return whole


def _of_key(user: User, key: str) -> Rule:
    found = Rule.objects.of(user).select_related("user", "playlist", "schedule")
    return get_object_or_404(found, key=key.replace("\0", ""))


@router.post("/pipeline/playlists/preview-from-rules", response=Previews, auth=may("read"),
             summary="What rules would make of tracks")  # fmt: skip
def preview_from_rules(request: HttpRequest, asked: Body[dict[str, Any]]) -> dict[str, Any]:
    """`rules` as they are stored (without them: one's own), `tracks` with `track_id` and `enrichment` (without them:
    all of one's own). Rules that are switched off are left out; the order of the tracks is kept. Stores nothing."""
    user, now = person(request), timezone.now()
    sets = _sets(user, asked)
    given = asked.get("tracks")
    if given is None:
        library = Library(user, now=now)
        made = [(each, preview.drafted(each.query, library, salt=0).track_ids) for each in sets]
        names = known_tracks.refs(sorted({pk for _each, ids in made for pk in ids}))
        return {"playlists": [_made(each, [names[pk] for pk in ids if pk in names]) for each, ids in made]}
    if not isinstance(given, list) or len(given) > MOST_TRACKS:
        raise HttpError(422, f"“tracks” is a list of at most {MOST_TRACKS} tracks.")
    rows = [each for each in given if isinstance(each, dict) and isinstance(each.get("track_id"), str | int)]
    facts = [TrackFacts(n, enrichment.view(row.get("enrichment")).facts) for n, row in enumerate(rows)]
    table = gather.table(facts, only=gather.asked(each.query for each in sets))
    masks = Masks(table, _today(user))
    found = []
    for each in sets:
        places = choose.choose(each.query, table, masks.of(each.query.where), salt=0)
        found.append(_made(each, [str(rows[place]["track_id"]) for place in places.tolist()]))
    return {"playlists": found}


def _sets(user: User, asked: dict[str, Any]) -> list[rule_sets.RuleSet]:
    given = asked.get("rules")
    if given is None:
        return [stored.told(rule) for rule in Rule.objects.of(user).enabled().select_related("playlist", "schedule")]
    if not isinstance(given, list) or len(given) > MOST_RULES:
        raise HttpError(422, f"“rules” is a list of at most {MOST_RULES} rules.")
    try:
        sets = rule_sets.load_many(given)
        if problems := [
            rule_sets.within(problem, number)
            for number, each in enumerate(sets)
            for problem in validate.beyond(each.query)
        ]:
            raise Invalid(problems[:20])
        return [each for each in sets if each.enabled]
    except Invalid as exc:
        raise WrongRule(exc) from exc


def _made(each: rule_sets.RuleSet, ids: list[str]) -> dict[str, Any]:
    return {
        "rule_id": each.id,
        "rule_name": each.name,
        "track_ids": ids,
        "track_count": len(ids),
        "target_playlist_id": (each.target.spotify_id or None) if each.target else None,
    }


def _group(asked: dict[str, Any]) -> Any:
    """The group, whether it came bare, under `rules`, or in a whole rule."""
    return asked.get("rules", asked)


def _tried(group: Any) -> Query:
    """A rule that is tried and not stored: it may be as odd as it likes, but not beyond the bounds."""
    try:
        query = schema.load(group)
        if problems := validate.beyond(query):
            raise Invalid(problems)
    except Invalid as exc:
        raise WrongRule(exc) from exc
    return query


def _today(user: User) -> date:
    return timezone.now().astimezone(user.zone).date()
