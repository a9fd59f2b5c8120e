"""Rules: the list, the builder with its answer while typing, and the preview."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, get_owned, require_form_methods
from ingest.models import Track
from playlists import faces
from playlists.actions import preview, rules
from playlists.forms import RuleForm
from playlists.library import Library
from playlists.models import Rule
from playlists.rules import builder, explain, printer
from playlists.rules.nodes import ALL, Condition, Group, Query, conditions
from playlists.rules.templates import BY_KEY, TEMPLATES
from playlists.views import planning

PAGE = 50
BLANK = Query(Group(ALL, (Condition("plays", "gte", 1),)))


@login_required
@require_safe
def rule_list(request: PersonRequest) -> HttpResponse:
    found = Rule.objects.of(request.user).select_related("playlist")
    return render(request, "playlists/rule_list.html", {"rules": found})


@login_required
@require_form_methods
def new(request: PersonRequest) -> HttpResponse:
    """/rules/new/ offers templates; with ?template= (a template's word, or blank) it is the builder."""
    key = request.GET.get("template", "")
    template = BY_KEY.get(key)
    if request.method != "POST" and template is None and key != "blank":
        offered = [(each, _(each.name), _(each.description)) for each in TEMPLATES]
        return render(request, "playlists/rule_new.html", {"offered": offered})
    rule = Rule(user=request.user)
    if template:
        rule.name, rule.description = _(template.name), _(template.description)
    return _editor(request, rule, template.query if template else BLANK)


@login_required
@require_form_methods
def edit(request: PersonRequest, pk: int) -> HttpResponse:
    rule = get_owned(request.user, Rule, pk)
    return _editor(request, rule, rule.query)


def _editor(request: PersonRequest, rule: Rule, query: Query) -> HttpResponse:
    """One form for all faces. `do` says which button was pressed; none: save."""
    now, posted = timezone.now(), request.method == "POST"
    do = request.POST.get("do", "save")
    face = faces.read(request.POST) if posted else faces.show(query, _wanted(request.GET.get("face", "")))
    form = RuleForm(request.POST if posted else None, instance=rule, user=request.user)
    status = 200
    if posted and do == "save":
        valid, wrong = form.is_valid(), face.query is None
        if face.query is not None:
            problems = rules.problems(rule=rule, query=face.query)
            wrong = bool(problems)
            codes = {(each.code, each.node) for each in face.problems}
            face.problems.extend(each for each in problems if (each.code, each.node) not in codes)
            if valid and not wrong:
                rules.save(rule=rule, query=face.query)
                messages.success(request, _("“%(name)s” is saved.") % {"name": rule.name})
                return redirect("playlists:rule-preview", rule.pk)
        status = 422
    elif posted and (asked := face.query) is not None:
        verb, _colon, target = do.partition(":")
        if verb == "face" and target in faces.FACES:
            face = faces.show(asked, target)
        elif face.face == faces.BUILDER and verb != "answer":
            face = faces.show(builder.edited(asked, do), faces.BUILDER)
    context = {
        "rule": rule, "form": form, "face": face, "field_choices": faces.field_choices(),
        "faces": [(faces.BUILDER, _("Builder")), (faces.TEXT, _("Typed")), (faces.JSON, _("JSON"))],
        "told": _told(face, request, rule, now),
    }  # fmt: skip
    if face.query is not None:
        context |= {"root": faces.rows(face.query, face.problems), "settings": faces.settings(face.query)}
    part = "#answer" if request.htmx.target == "answer" else ""
    return render(request, f"playlists/rule_form.html{part}", context, status=200 if part else status)


def _wanted(face: str) -> str:
    return face if face in faces.FACES else faces.BUILDER


def _told(face: faces.Face, request: PersonRequest, rule: Rule, now: datetime) -> preview.Answer | None:
    """What the rule finds now; None while it cannot be asked."""
    if face.query is None or any(not each.warning for each in face.problems):
        return None
    library = Library(request.user, now=now)
    return preview.answer(query=face.query, library=library, salt=preview.salt_of(rule.pk, now))


@dataclass(frozen=True, slots=True)
class Traced:
    """One line of how a rule saw one track."""

    asked: str
    result: bool
    depth: int
    seen: str


@login_required
@require_safe
def rule_preview(request: PersonRequest, pk: int) -> HttpResponse:
    """The draft, in pages; ?track= says why one track is in it or not."""
    rule, now = get_owned(request.user, Rule, pk), timezone.now()
    library = Library(request.user, now=now)
    draft = preview.drafted(rule.query, library, salt=preview.salt_of(rule.pk, now))
    pages = max(1, -(-len(draft) // PAGE))
    page = min(pages, max(1, _whole(request.GET.get("page", "1"))))
    ids = list(draft.track_ids[(page - 1) * PAGE : page * PAGE])
    named = preview.named(ids)
    others = Rule.objects.of(request.user).exclude(pk=pk).filter(playlist=rule.playlist_id).exclude(playlist=None)
    mine = set(draft.track_ids)
    overlaps = [
        (other, len(mine & set(preview.drafted(other.query, library, salt=preview.salt_of(other.pk, now)).track_ids)))
        for other in others[:20]
    ]
    track = Track.objects.filter(pk=_whole(request.GET.get("track", "0"))).first()
    context = {
        "rule": rule, "draft": draft, "tracks": [named[pk] for pk in ids if pk in named], "overlaps": overlaps,
        "newer": f"?page={page - 1}" if page > 1 else "", "older": f"?page={page + 1}" if page < pages else "",
        "track": track, "steps": _traced(rule.query, library, track) if track else [], "page": page,
    }  # fmt: skip
    return render(request, "playlists/rule_preview.html", context)


def _traced(query: Query, library: Library, track: Track) -> list[Traced]:
    """Nothing for a track that is not among the person's own."""
    places = (library.table.track == track.pk).nonzero()[0]
    if not places.size:
        return []
    names = [asked.field for _path, asked in conditions(query.where)]
    steps = explain.trace(query.where, library.table.facts(int(places[0]), names), today=library.today)
    groups = {"all": _("all of these"), "any": _("any of these"), "none": _("none of these")}
    return [
        Traced(printer.write_condition(step.node), step.result, step.depth, _seen(step.fact))
        if isinstance(step.node, Condition)
        else Traced(groups.get(step.node.operator, step.node.operator), step.result, step.depth, "")
        for step in steps
    ]


def _seen(fact: object) -> str:
    if fact is None:
        return _("not known")
    if isinstance(fact, bool):
        return _("yes") if fact else _("no")
    return ", ".join(map(str, fact)) if isinstance(fact, tuple) else str(fact).replace("\n", " · ")


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _write(request: PersonRequest, rule: Rule) -> HttpResponse:
    """Plan the rule's playlist (made here, if it has none yet) and show the plan; nothing is written by it."""
    now = timezone.now()
    draft = preview.of_rule(rule=rule, now=now)
    return planning.to_run(request, lambda: rules.plan(rule=rule, wanted=draft.uris(), now=now)) or redirect(
        "playlists:rule-preview", rule.pk
    )


@login_required
@require_POST
def act(request: PersonRequest, pk: int) -> HttpResponse:
    """Plan its playlist, duplicate, delete, or switch on and off."""
    rule = get_owned(request.user, Rule, pk)
    do = request.POST.get("do", "")
    if do == "duplicate":
        copy = rules.duplicate(rule=rule, name=_("%(name)s (copy)") % {"name": rule.name})
        return redirect("playlists:rule", copy.pk)
    if do == "write":
        return _write(request, rule)
    if do == "delete":
        rule.delete()
        messages.success(request, _("“%(name)s” is deleted. Nothing at Spotify changed.") % {"name": rule.name})
    elif do == "switch":
        rule.is_enabled = not rule.is_enabled
        rule.save(update_fields=["is_enabled", "changed_at"])
    return redirect("playlists:rules")
