"""Who may open what: every address of the product, by its route. A new address gets its line here.

`ANYONE` needs no sign-in; `PERSON` any signed-in person; `OWNER` the person whose row it is (404 for everybody else);
`OPERATOR` staff. `Page.row` makes a row of the given person and returns the address's arguments.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from accounts.models import User
from tests.architecture import rows

Who = Enum("Who", "ANYONE PERSON OWNER OPERATOR")
ANYONE, PERSON, OWNER, OPERATOR = Who


@dataclass(frozen=True)
class Page:
    who: Who
    row: Callable[[User], tuple[Any, ...]] = lambda user: ()
    post: bool = False  # does something, so answers POST alone
    deletes: bool = False  # answers DELETE, too
    answers: set[int] = field(default_factory=lambda: {200, 301, 302})  # to those who may


def address(route: str, arguments: tuple) -> str:
    """The route with its parameters filled in, in order."""
    plain = route.replace("^", "").replace("$", "")
    values = iter(arguments)
    return "/" + re.sub(r"<[^>]+>|\(\?P<\w+>[^)]*\)", lambda match: str(next(values)), plain)


PAGES: dict[str, Page] = {
    "": Page(ANYONE),
    "welcome/": Page(PERSON),
    "appearance/": Page(ANYONE, post=True, answers={400}),
    "about/": Page(ANYONE),
    "gallery/": Page(OPERATOR),
    "gallery/charts/": Page(OPERATOR),
    "site.webmanifest": Page(ANYONE),
    "health/live": Page(ANYONE),
    "health/ready": Page(ANYONE, answers={200, 503}),
    "metrics": Page(ANYONE),  # of this host, or with the token: tests/vibesite/test_health.py
    "connections/": Page(PERSON),
    "connections/calls/": Page(PERSON),
    "connections/apps/new/": Page(PERSON),
    "connections/apps/<int:pk>/": Page(OWNER, rows.app),
    "connections/apps/<int:pk>/remove/": Page(OWNER, rows.app, post=True),
    "connections/<int:pk>/check/": Page(OWNER, rows.connection, post=True),
    "connections/<int:pk>/disconnect/": Page(OWNER, rows.connection),
    "notices/<int:pk>/settle/": Page(OWNER, rows.notice, post=True),
    "jobs/": Page(PERSON),
    "jobs/<int:pk>/": Page(OWNER, rows.job),
    "jobs/<int:pk>/cancel/": Page(OWNER, rows.job, post=True),
    "jobs/<int:pk>/again/": Page(OWNER, rows.job, post=True),
    "settings/": Page(PERSON),
    "settings/clock/": Page(PERSON, post=True),
    "settings/leave/": Page(PERSON),
    "settings/tokens/": Page(PERSON),
    "settings/tokens/<int:pk>/revoke/": Page(OWNER, rows.token, post=True),
    "invitations/": Page(OPERATOR),
    "invitations/<int:pk>/revoke/": Page(OPERATOR, lambda user: (rows.invitation(user).pk,), post=True),
    "invitation/<str:token>/": Page(ANYONE, lambda user: (rows.invitation(user).token,)),
    "mail/": Page(ANYONE, answers={404}),  # there only in debug
    "recordings/": Page(PERSON),
    "recordings/say/": Page(PERSON, post=True),
    "recordings/<int:pk>/undo/": Page(OWNER, rows.own_grouping, post=True),
    "library/": Page(PERSON),
    "library/<int:pk>/read/": Page(OWNER, rows.connection, post=True),
    "library/fetch/": Page(PERSON, post=True),
    "library/add/": Page(PERSON, post=True),
    "library/lists/new/": Page(PERSON),
    "library/rows/<int:pk>/": Page(
        OWNER, rows.list_row, post=True, answers={400}
    ),  # without a choice: tests/ingest/test_lists.py
    "library/sources/<int:pk>/": Page(OWNER, rows.source),
    "library/sources/<int:pk>/fetch/": Page(OWNER, rows.source, post=True),
    "library/sources/<int:pk>/not-found.csv": Page(OWNER, rows.source),
    "library/sources/<int:pk>/remove/": Page(OWNER, rows.source, post=True),
    "covers/album/<int:pk>/": Page(PERSON, rows.nothing_there, answers={404}),  # the catalogue is shared
    "api/": Page(ANYONE),
    "api/openapi.json": Page(ANYONE),
    "api/v1/openapi.json": Page(ANYONE),
    "api/v1/": Page(ANYONE, answers={404}),  # the library's root answers with an error of its own
    "api/users/register": Page(PERSON, post=True, answers={400}),  # with bodies: tests/api/test_twins.py
    "api/tokens/store": Page(PERSON, post=True, answers={400}),
    "api/tasks/<pk>": Page(OWNER, rows.job),
    "api/listening/ingest": Page(PERSON, post=True, answers={400}),
    "api/listening/snapshots": Page(PERSON),
    "api/listening/snapshots/<pk>": Page(OWNER, rows.snapshot),
    "api/data/rules": Page(PERSON),
    "api/data/rules/validate": Page(PERSON, post=True, answers={400}),  # with bodies: tests/api/test_rule_twins.py
    "api/data/rules/<path:rule_id>": Page(OWNER, rows.rule_key, deletes=True),
    "api/data/rules/evaluate": Page(PERSON, post=True, answers={400}),
    **{
        f"api/data/{name}": Page(PERSON)
        for name in ("tracks", "enrichments", "fields", "providers", "features", "classifications")
    },
    "api/data/features/<provider>": Page(PERSON, lambda user: ("reccobeats",)),
    "api/data/classifications/<classifier>": Page(PERSON, lambda user: ("mood_v1",)),
    "api/data/classifications/<classifier>/<track_id>": Page(OWNER, lambda user: ("mood_v1", *rows.heard_track(user))),
    "api/auth/status": Page(PERSON),
    "api/spotify/playlists": Page(PERSON, answers={401}),  # nobody is connected
    "api/pipeline/health": Page(ANYONE),
    **{f"api/pipeline/{step}": Page(PERSON) for step in ("tracks", "external", "classify", "build", "diff")},
    "api/pipeline/<step>/run-async": Page(PERSON, lambda user: ("build",), post=True),
    "api/pipeline/jobs": Page(PERSON),
    "api/pipeline/jobs/<pk>": Page(OWNER, rows.pipeline_job),
    "api/pipeline/tracks/sources": Page(PERSON, answers={401}),
    "api/pipeline/tracks/fetch-sources": Page(PERSON, post=True, answers={400}),
    "api/pipeline/tracks/aggregate": Page(PERSON),
    "api/pipeline/playlists/preview-from-rules": Page(PERSON, post=True, answers={400}),
    "api/v1/me": Page(PERSON),
    "api/v1/jobs": Page(PERSON),
    "api/v1/jobs/<pk>": Page(OWNER, rows.job),
    "api/v1/jobs/<pk>/cancel": Page(OWNER, rows.job, post=True, answers={202}),
    "api/v1/connections": Page(PERSON),
    "api/v1/plays": Page(PERSON),
    "api/v1/tracks/<pk>": Page(OWNER, rows.heard_track),
    "api/v1/artists/<pk>": Page(OWNER, rows.heard_artist),
    "api/v1/albums/<pk>": Page(OWNER, rows.heard_album),
    "api/v1/imports": Page(PERSON),
    "api/v1/imports/<pk>": Page(OWNER, rows.history_import),
    **{
        f"api/v1/stats/{name}": Page(PERSON)
        for name in ("summary", "over-time", "heatmap", "clock", "streaks", "skips", "sessions", "sound")
    },
    **{
        f"api/v1/stats/{name}": Page(PERSON)
        for name in ("discoveries", "discoveries/again", "discoveries/obsessions", "discoveries/forgotten")
    },
    **{f"api/v1/stats/{name}": Page(PERSON) for name in ("milestones", "on-this-day", "decades")},
    "api/v1/stats/compare": Page(PERSON, answers={422}),  # all time has nothing before it
    "api/v1/stats/sessions/<start>/tracks": Page(OWNER, rows.session),
    "api/v1/snapshots": Page(PERSON),
    "api/v1/snapshots/<pk>": Page(OWNER, rows.snapshot),
    "api/v1/exports": Page(PERSON),
    "api/v1/exports/<pk>": Page(OWNER, rows.history_export),
    "api/v1/exports/<pk>/download": Page(OWNER, rows.history_export, answers={410}),
    "api/v1/stats/top/<what>": Page(PERSON, lambda user: ("tracks",)),
    "rules/": Page(PERSON),
    "rules/new/": Page(PERSON),
    "rules/preview/": Page(PERSON),
    "rules/classic/": Page(PERSON),
    "rules/import/": Page(PERSON),
    "rules/export.json": Page(PERSON),
    "rules/restore/": Page(PERSON, post=True),
    "rules/<int:pk>/": Page(OWNER, rows.rule),
    "rules/<int:pk>/preview/": Page(OWNER, rows.rule),
    "rules/<int:pk>/do/": Page(OWNER, rows.rule, post=True),
    "rules/<int:pk>/schedule/": Page(OWNER, rows.rule, post=True),
    "log/": Page(PERSON),
    "log/export.csv": Page(PERSON),
    "log/export.json": Page(PERSON),
    "log/view/": Page(PERSON, post=True),
    "log/add/": Page(PERSON),
    "log/plays/<int:pk>/": Page(OWNER, rows.heard_play),
    "log/hide/": Page(PERSON, post=True),
    "log/undo/": Page(PERSON, post=True),
    "log/hidden/": Page(PERSON),
    "export/": Page(PERSON),
    "export/<int:pk>/": Page(OWNER, rows.history_export, answers={410}),
    "imports/": Page(PERSON),
    "imports/<int:pk>/": Page(OWNER, rows.history_import),
    "imports/<int:pk>/set-aside.jsonl.gz": Page(OWNER, rows.history_import, answers={200, 404}),
    "imports/unsure/<int:pk>/": Page(OWNER, rows.unsure_track, post=True, answers={302, 400}),
    "compare/": Page(PERSON),
    "counting/": Page(PERSON),
    "counting/leave-out/": Page(PERSON, post=True, answers={302, 404}),
    "counting/<int:pk>/take-back/": Page(OWNER, rows.left_out, post=True),
    "tracks/": Page(PERSON),
    "tracks/known/": Page(PERSON),
    "tracks/known/<slug:provider>.csv": Page(PERSON, lambda user: ("lastfm",)),
    "tracks/chosen/": Page(PERSON),
    "tracks/say/": Page(PERSON, post=True, answers={422}),
    "tracks/ask/": Page(PERSON, post=True, answers={404}),  # of a source that is: tests/ingest/test_ask.py
    "tracks/said/<int:pk>/": Page(OWNER, rows.fact_act),
    "tracks/said/<int:pk>/undo/": Page(OWNER, rows.fact_act, post=True),
    "tracks/<int:pk>/facts/": Page(OWNER, rows.heard_track),
    "tracks/<int:pk>/rules/": Page(OWNER, rows.heard_track),
    "tracks/<int:pk>/": Page(OWNER, rows.heard_track),
    "artists/<int:pk>/": Page(OWNER, rows.heard_artist),
    "albums/<int:pk>/": Page(OWNER, rows.heard_album),
    "genres/<int:pk>/": Page(OWNER, rows.heard_genre),
    "listening/": Page(PERSON),
    "sound/": Page(PERSON),
    "top/<str:what>/": Page(PERSON, lambda user: ("tracks",)),
    "sessions/": Page(PERSON),
    "sessions/<int:start>/hide/": Page(OWNER, rows.session, post=True),
    "sessions/<int:start>/": Page(OWNER, rows.session),
    "skips/": Page(PERSON),
    "decades/": Page(PERSON),
    "discoveries/": Page(PERSON),
    "discoveries/again/": Page(PERSON),
    "discoveries/forgotten/": Page(PERSON),
    "discoveries/obsessions/": Page(PERSON),
    "milestones/": Page(PERSON),
    "on-this-day/": Page(PERSON),
    "snapshots/": Page(PERSON),
    "snapshots/compare/": Page(PERSON),  # of others': tests/insights/test_snapshot_pages.py
    "snapshots/keep/": Page(PERSON, post=True),
    "snapshots/<int:pk>/": Page(OWNER, rows.snapshot),
    "wellness/": Page(PERSON),
    "time/": Page(PERSON),
    "playlists/": Page(PERSON),
    "playlists/new/": Page(PERSON),
    "playlists/from-listening/": Page(PERSON),
    "playlists/<int:pk>/": Page(OWNER, rows.playlist),
    "playlists/runs/<int:pk>/": Page(OWNER, rows.sync_run),
    "playlists/runs/<int:pk>/diff/": Page(OWNER, rows.sync_run),
    "playlists/runs/<int:pk>/confirm/": Page(OWNER, rows.sync_run, post=True),
    "playlists/runs/<int:pk>/undo/": Page(OWNER, rows.sync_run, post=True),
    "playlists/runs/<int:pk>/again/": Page(OWNER, rows.sync_run, post=True),
    "playlists/runs/<int:pk>/drop/": Page(OWNER, rows.sync_run, post=True),
    # Programs come with a token, not with a session: tests/ingest/test_listenbrainz_submit.py.
    "1/submit-listens": Page(ANYONE, answers={405}),
    "1/delete-listen": Page(ANYONE, answers={405}),
    "1/validate-token": Page(ANYONE, answers={400}),
    "1/latest-import": Page(ANYONE, answers={401}),
    "1/user/<str:name>/listens": Page(ANYONE, rows.name, answers={401}),
    "1/user/<str:name>/listen-count": Page(ANYONE, rows.name, answers={401}),
    "1/user/<str:name>/playing-now": Page(ANYONE, rows.name, answers={401}),
    "1/<path:rest>": Page(ANYONE, lambda user: ("nothing",), answers={404}),
    "2.0/": Page(ANYONE, answers={400}),
    "2.0": Page(ANYONE, answers={400}),
    "accounts/login/": Page(ANYONE),
    "accounts/logout/": Page(ANYONE),
    "accounts/inactive/": Page(ANYONE),
    "accounts/signup/": Page(ANYONE),
    "accounts/reauthenticate/": Page(PERSON),
    "accounts/email/": Page(ANYONE),
    "accounts/confirm-email/": Page(ANYONE),
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": Page(ANYONE, lambda user: ("nokey",)),
    "accounts/password/change/": Page(PERSON),
    "accounts/password/set/": Page(PERSON),
    "accounts/password/reset/": Page(ANYONE),
    "accounts/password/reset/done/": Page(ANYONE),
    "accounts/password/reset/key/done/": Page(ANYONE),
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": Page(ANYONE, lambda user: ("1", "nokey")),
    "accounts/login/code/confirm/": Page(ANYONE),
    "accounts/3rdparty/": Page(ANYONE),
    "accounts/3rdparty/signup/": Page(ANYONE),
    "accounts/3rdparty/login/cancelled/": Page(ANYONE),
    "accounts/3rdparty/login/error/": Page(ANYONE, answers={301, 401}),
    "accounts/social/login/cancelled/": Page(ANYONE),
    "accounts/social/login/error/": Page(ANYONE, answers={301, 401}),
    "accounts/social/signup/": Page(ANYONE),
    "accounts/social/connections/": Page(ANYONE),
    "accounts/spotify/login/": Page(ANYONE),
    "accounts/spotify/login/callback/": Page(ANYONE, answers={400}),
}
