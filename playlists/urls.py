"""Addresses of playlists and of the rules that fill them."""

from django.urls import path

from playlists.views import (
    from_heard,
    playlists,
    rule_acts,
    rule_cards,
    rule_classic,
    rule_files,
    rule_preview,
    rules,
    runs,
    track_rules,
)

app_name = "playlists"
urlpatterns = [
    path("rules/", rules.rule_list, name="rules"),
    path("rules/new/", rules.new, name="rule-new"),
    path("rules/preview/", rule_cards.cards, name="rule-cards"),
    path("rules/classic/", rule_classic.classic, name="rule-classic"),
    path("rules/import/", rule_files.take_in, name="rule-import"),
    path("rules/export.json", rule_files.export, name="rule-export"),
    path("rules/restore/", rule_acts.restore, name="rule-restore"),
    path("rules/<int:pk>/", rules.edit, name="rule"),
    path("rules/<int:pk>/preview/", rule_preview.rule_preview, name="rule-preview"),
    path("rules/<int:pk>/do/", rule_acts.act, name="rule-do"),
    path("rules/<int:pk>/schedule/", rule_acts.schedule, name="rule-schedule"),
    path("tracks/<int:pk>/rules/", track_rules.track_rules, name="track-rules"),
    path("playlists/", playlists.playlist_list, name="playlist-list"),
    path("playlists/new/", playlists.playlist_new, name="playlist-new"),
    path("playlists/from-listening/", from_heard.from_listening, name="from-listening"),
    path("playlists/<int:pk>/", playlists.playlist, name="playlist"),
    path("playlists/runs/<int:pk>/", runs.run, name="run"),
    path("playlists/runs/<int:pk>/diff/", runs.run_diff, name="run-diff"),
    path("playlists/runs/<int:pk>/confirm/", runs.run_confirm, name="run-confirm"),
    path("playlists/runs/<int:pk>/undo/", runs.run_undo, name="run-undo"),
    path("playlists/runs/<int:pk>/again/", runs.run_again, name="run-again"),
    path("playlists/runs/<int:pk>/drop/", runs.run_drop, name="run-drop"),
]
