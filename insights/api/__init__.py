"""The JSON API on figures, by noun. The pages show what the same functions give."""

from ninja import Router

from insights.api import compare, decades, discoveries, milestones, sessions, skips, sound, this_day, time, top

router = Router(tags=["statistics"])
for noun in (top, compare, time, skips, sessions, sound, discoveries, milestones, this_day, decades):
    router.add_router("", noun.router)
