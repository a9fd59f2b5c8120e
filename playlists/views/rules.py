"""Rules: the list, and the builder with its answer while typing."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, get_owned, require_form_methods
from playlists import at_hand, faces
from playlists.actions import preview, rule_sets, rules
from playlists.forms_rule import RuleForm
from playlists.models import Rule
from playlists.rules import builder
from playlists.rules.nodes import ALL, Condition, Group, Query
from playlists.rules.problems import Problem
from playlists.rules.templates import BY_KEY, TEMPLATES

PAGE = 50
BLANK = Query(Group(ALL, (Condition("plays", "gte", 1),)))


@login_required
@require_safe
def rule_list(request: PersonRequest) -> HttpResponse:
    found = Rule.objects.of(request.user).select_related("playlist", "schedule")
    deleted = request.session.get(rule_sets.DELETED, {}).get("name", "")
    return render(request, "playlists/rule_list.html", {"rules": found, "deleted": deleted})


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
    shown = request.POST.get("shown") if posted else rule.mark
    form = RuleForm(request.POST if posted else None, instance=rule, user=request.user)
    status = 200
    if posted and do == "save":
        valid, wrong = form.is_valid(), face.query is None
        if face.query is not None:
            problems = rules.problems(rule=rule, query=face.query)
            wrong = bool(problems)
            codes = {(each.code, each.node) for each in face.problems}
            face.problems.extend(each for each in problems if (each.code, each.node) not in codes)
            if valid and not wrong and _kept(form, face.query, shown):
                messages.success(request, _("“%(name)s” is saved.") % {"name": rule.name})
                return redirect("playlists:rule-preview", rule.pk)
            if valid and not wrong:
                face.problems.append(Problem("meanwhile"))
                shown = Rule.objects.get(pk=rule.pk).mark
        status = 422
    elif posted and (asked := face.query) is not None:
        verb, _colon, target = do.partition(":")
        if verb == "face" and target in faces.FACES:
            face = faces.show(asked, target)
        elif face.face == faces.BUILDER and verb != "answer":
            face = faces.show(builder.edited(asked, do), faces.BUILDER)
    context = {
        "rule": rule, "form": form, "face": face, "shown": shown, "field_choices": faces.field_choices(),
        "faces": [(faces.BUILDER, _("Builder")), (faces.TEXT, _("Typed")), (faces.JSON, _("JSON"))],
        "told": _told(face, request, rule, now),
    }  # fmt: skip
    part = "#answer" if request.htmx.target == "answer" else ""
    if face.query is not None and face.face == faces.BUILDER and not part:
        table = at_hand.library(request.user, now=now).table
        context |= {"root": faces.rows(face.query, face.problems, table), "settings": faces.settings(face.query)}
    return render(request, f"playlists/rule_form.html{part}", context, status=200 if part else status)


def _kept(form: RuleForm, query: Query, shown: str | None) -> bool:
    """Write down what was sent; False if the rule itself was changed here and elsewhere since it was `shown`."""
    rule = form.instance
    try:
        with transaction.atomic():
            form.choose_target()
            rules.save(rule=rule, query=query, fields=form.touched if rule.pk else None, shown=shown)
    except rules.ChangedMeanwhile:
        return False
    except Rule.DoesNotExist:
        raise Http404 from None
    rule.refresh_from_db(fields=["name"])
    return True


def _wanted(face: str) -> str:
    return face if face in faces.FACES else faces.BUILDER


def _told(face: faces.Face, request: PersonRequest, rule: Rule, now: datetime) -> preview.Answer | None:
    """What the rule finds now; None while it cannot be asked."""
    if face.query is None or any(not each.warning for each in face.problems):
        return None
    library = at_hand.library(request.user, now=now)
    return preview.answer(query=face.query, library=library, salt=preview.salt_of(rule.pk, library.today))
