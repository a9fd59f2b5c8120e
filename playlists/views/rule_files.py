"""Rules as a file: out whole, and in again."""

import json

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, get_owned, require_form_methods
from playlists import words
from playlists.actions import rule_sets
from playlists.models import Rule
from playlists.rule_sets import load_many
from playlists.rules.nodes import MAX_JSON
from playlists.rules.problems import Invalid, Problem

MOST = 20 * MAX_JSON  # bytes of a file; a rule of ours is seldom more than one kilobyte
WHOLE = Rule.objects.select_related("playlist", "schedule")


class ImportForm(forms.Form):
    """A file, or its text."""

    file = forms.FileField(label=gettext_lazy("A file of rules"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Or its text"), required=False, widget=forms.Textarea(attrs={"rows": 8}), max_length=MOST
    )
    replace = forms.BooleanField(
        label=gettext_lazy("Replace those that I have"),
        required=False,
        help_text=gettext_lazy("Otherwise a rule that is here in another form comes in beside it."),
    )


@login_required
@require_safe
def export(request: PersonRequest) -> HttpResponse:
    """All rules, or the one of ?rule=, as JSON that comes in again without loss."""
    if (asked := request.GET.get("rule")) is not None:
        file = rule_sets.exported([get_owned(request.user, WHOLE, asked)])
    else:
        file = rule_sets.of_person(request.user)
    answer = JsonResponse(file, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = 'attachment; filename="rules.json"'
    return answer


@login_required
@require_form_methods
def take_in(request: PersonRequest) -> HttpResponse:
    """All rules of a file, or none of them and what is wrong."""
    form = ImportForm(request.POST or None, request.FILES or None)
    told: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            sets = load_many(_decoded(form))
            replace = form.cleaned_data["replace"]
            stored, same = rule_sets.take_in(user=request.user, sets=sets, replace=replace, now=timezone.now())
        except Invalid as exc:
            told = [f"{each.at}: {words.of(each)}".removeprefix(": ") for each in exc.problems]
        else:
            count = len(stored)
            said = ngettext("%(count)d rule came in.", "%(count)d rules came in.", count) % {"count": count}
            there = ngettext("%(same)d was here already.", "%(same)d were here already.", same) % {"same": same}
            messages.success(request, f"{said} {there}" if same else said)
            return redirect("playlists:rules")
    status = 422 if told or form.errors else 200
    return render(request, "playlists/rule_import.html", {"form": form, "told": told}, status=status)


def _decoded(form: ImportForm) -> object:
    file, text = form.cleaned_data["file"], form.cleaned_data["text"]
    if file is not None and file.size > MOST:
        raise Invalid([Problem("too_long", {"most": MOST})])
    try:
        text = file.read().decode("utf-8-sig") if file is not None else text
        return json.loads(text)
    except UnicodeDecodeError as exc:
        raise Invalid([Problem("not_json", {"line": 1})]) from exc
    except (ValueError, RecursionError) as exc:
        raise Invalid([Problem("not_json", {"line": getattr(exc, "lineno", 1)})]) from exc
