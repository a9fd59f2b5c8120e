"""What is mounted where."""

from django.contrib import admin
from django.urls import include, path

from vibesite import api, gallery, gallery_charts, health, home, shell

urlpatterns = [
    path("", home.home, name="home"),
    path("welcome/", home.welcome, name="welcome"),
    path("appearance/", shell.appearance, name="appearance"),
    path("about/", shell.about, name="about"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("gallery/charts/", gallery_charts.charts, name="gallery-charts"),
    path("site.webmanifest", shell.manifest, name="manifest"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", health.metrics, name="metrics"),
    path("api/", api.handbook, name="handbook"),
    path("api/openapi.json", api.openapi_twins, name="openapi-twins"),
    path("api/v1/openapi.json", api.openapi, name="openapi"),
    path("api/v1/", api.api.urls),
    path("api/", api.twins.urls),
    path("", include("accounts.urls")),
    path("", include("ingest.urls")),
    path("", include("insights.urls")),
    path("", include("playlists.urls")),
    path("", include("ingest.urls_programs")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "vibesite.shell.bad_request"
handler403 = "vibesite.shell.forbidden"
handler404 = "vibesite.shell.not_found"
handler500 = "vibesite.shell.server_error"
