"""Addresses of `insights`."""

from django.urls import path

from insights import views

app_name = "insights"
urlpatterns = [
    path("top/<str:what>/", views.top_list, name="top"),
]
