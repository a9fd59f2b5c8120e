"""Addresses that other people's protocols fix: ListenBrainz's and Last.fm's. Mounted at the root."""

from django.urls import URLPattern, path

from ingest import api_lastfm, api_listenbrainz

app_name = "programs"
urlpatterns: list[URLPattern] = [
    path("1/submit-listens", api_listenbrainz.submit_listens, name="submit-listens"),
    path("1/delete-listen", api_listenbrainz.delete_listen, name="delete-listen"),
    path("1/validate-token", api_listenbrainz.validate_token, name="validate-token"),
    path("1/latest-import", api_listenbrainz.latest_import, name="latest-import"),
    path("1/user/<str:name>/listens", api_listenbrainz.user_listens, name="listens"),
    path("1/user/<str:name>/listen-count", api_listenbrainz.listen_count, name="listen-count"),
    path("1/user/<str:name>/playing-now", api_listenbrainz.playing_now, name="playing-now"),
    path("1/<path:rest>", api_listenbrainz.nothing, name="listenbrainz-nothing"),
    path("2.0/", api_lastfm.api, name="lastfm"),
    path("2.0", api_lastfm.api, name="lastfm-bare"),  # as some libraries have it; they follow no redirect
]
