"""What a playlist would hold: the tracks of every rule that fills it, mixed by priority and weight."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from playlists import mix
from playlists.actions import preview
from playlists.drafts import Draft
from playlists.library import Library
from playlists.models import Rule
from playlists.rules.nodes import MAX_TRACKS


@dataclass(frozen=True, slots=True)
class Given:
    """One rule's part in a playlist: it chooses `draft`, of which the playlist has `gives` by this rule."""

    rule: Rule
    draft: Draft
    gives: int

    @property
    def overlap(self) -> int:
        """How many of its tracks are in the playlist by another rule, or found no room."""
        return len(self.draft) - self.gives


@dataclass(frozen=True, slots=True)
class Filled:
    """A playlist as its rules fill it."""

    draft: Draft
    given: list[Given]


def rules_for(rule: Rule) -> list[Rule]:
    """All that fill this rule's playlist, itself included even if it is switched off, in the order of their say."""
    if rule.playlist is None:
        return [rule]
    filling = Rule.objects.of(rule.user).filling(rule.playlist)
    return [each for each in filling if each.is_enabled or each.pk == rule.pk]


def fill(rules: Sequence[Rule], library: Library) -> Filled:
    """What `rules`, all of one playlist, put into it. The first of them says why."""
    drafts = [preview.of_rule(rule=rule, library=library) for rule in rules]
    if len(rules) == 1:
        return Filled(drafts[0], [Given(rules[0], drafts[0], len(drafts[0]))])
    parts = [
        mix.Part(rule.pk, draft.track_ids, rule.priority, rule.weight)
        for rule, draft in zip(rules, drafts, strict=True)
    ]
    mixed = mix.mix(parts, most=MAX_TRACKS)
    why = tuple(dict.fromkeys(word for draft in drafts for word in draft.why))
    whole = replace(
        drafts[0],
        track_ids=mixed.track_ids,
        why=why,
        ms=preview.length_ms(library, mixed.track_ids),
        found=len({track for draft in drafts for track in draft.track_ids}),
    )
    counted = mixed.counts
    given = [Given(rule, draft, counted[rule.pk]) for rule, draft in zip(rules, drafts, strict=True)]
    return Filled(whole, given)
