"""What is mounted where."""

from django.contrib import admin
from django.urls import include, path

from vibesite import gallery, health, home, shell

urlpatterns = [
    path("", home.home, name="home"),
    path("welcome/", home.welcome, name="welcome"),
    path("appearance/", shell.appearance, name="appearance"),
    path("about/", shell.about, name="about"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("site.webmanifest", shell.manifest, name="manifest"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", health.metrics, name="metrics"),
    path("", include("accounts.urls")),
    path("", include("ingest.urls")),
    path("", include("insights.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "vibesite.shell.bad_request"
handler403 = "vibesite.shell.forbidden"
handler404 = "vibesite.shell.not_found"
handler500 = "vibesite.shell.server_error"
