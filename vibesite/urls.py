"""What is mounted where."""

from django.contrib import admin
from django.urls import include, path

from vibesite import home

urlpatterns = [
    path("", home.home, name="home"),
    path("", include("accounts.urls")),
    path("", include("ingest.urls")),
    path("", include("insights.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
