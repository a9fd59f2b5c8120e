"""Addresses of `ingest`."""

from django.urls import URLPattern, path

from ingest.views import covers, imports, library, log

app_name = "ingest"
urlpatterns: list[URLPattern] = [
    path("library/", library.library, name="library"),
    path("library/<int:pk>/read/", library.read_again, name="library-read"),
    path("covers/album/<int:pk>/", covers.cover, name="cover"),
    path("log/", log.listening_log, name="log"),
    path("imports/", imports.import_list, name="import-list"),
    path("imports/<int:pk>/", imports.import_detail, name="import"),
    path("imports/<int:pk>/set-aside.jsonl.gz", imports.import_set_aside, name="import-set-aside"),
]
