"""Addresses of `ingest`."""

from django.urls import URLPattern, path

from ingest.views import covers, export, hands, imports, library, log, recordings, sources, tracks, unsure

app_name = "ingest"
urlpatterns: list[URLPattern] = [
    path("library/", library.library, name="library"),
    path("library/<int:pk>/read/", library.read_again, name="library-read"),
    path("library/fetch/", sources.fetch_chosen, name="library-fetch"),
    path("library/add/", sources.add, name="library-add"),
    path("library/lists/new/", sources.bring, name="library-bring"),
    path("library/rows/<int:pk>/", sources.choose, name="library-choose"),
    path("library/sources/<int:pk>/", sources.source, name="library-source"),
    path("library/sources/<int:pk>/fetch/", sources.fetch_one, name="library-fetch-one"),
    path("library/sources/<int:pk>/not-found.csv", sources.missing, name="library-missing"),
    path("library/sources/<int:pk>/remove/", sources.remove, name="library-remove"),
    path("tracks/", tracks.track_list, name="tracks"),
    path("covers/album/<int:pk>/", covers.cover, name="cover"),
    path("log/", log.listening_log, name="log"),
    path("log/export.csv", log.log_file, {"form": "csv"}, name="log-csv"),
    path("log/export.json", log.log_file, {"form": "json"}, name="log-json"),
    path("log/view/", log.choose_view, name="log-view"),
    path("log/add/", hands.add, name="play-add"),
    path("log/plays/<int:pk>/", hands.play, name="play"),
    path("log/hide/", log.hide_plays, name="hide"),
    path("log/undo/", log.undo_hiding, name="undo-hiding"),
    path("log/hidden/", log.hidden_plays, name="hidden"),
    path("recordings/", recordings.review, name="recordings"),
    path("recordings/say/", recordings.say, name="recordings-say"),
    path("recordings/<int:pk>/undo/", recordings.undo, name="recordings-undo"),
    path("export/", export.export_list, name="export-list"),
    path("export/<int:pk>/", export.export_download, name="export-download"),
    path("imports/", imports.import_list, name="import-list"),
    path("imports/<int:pk>/", imports.import_detail, name="import"),
    path("imports/<int:pk>/set-aside.jsonl.gz", imports.import_set_aside, name="import-set-aside"),
    path("imports/unsure/<int:pk>/", unsure.decide, name="unsure"),
]
