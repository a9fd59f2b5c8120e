"""Addresses of `accounts`."""

from django.urls import URLPattern, path
from django.views.generic.base import RedirectView

from accounts.views import connections, jobs, people, settings, tokens

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("connections/", connections.connections, name="connections"),
    path("connections/calls/", connections.calls, name="calls"),
    path("connections/apps/new/", connections.app_add, name="app-add"),
    path("connections/apps/<int:pk>/", connections.app_edit, name="app"),
    path("connections/apps/<int:pk>/remove/", connections.app_remove, name="app-remove"),
    path("connections/<int:pk>/check/", connections.check, name="connection-check"),
    path("connections/<int:pk>/disconnect/", connections.disconnect, name="disconnect"),
    path("notices/<int:pk>/settle/", people.notice_settle, name="notice-settle"),
    path("jobs/", jobs.job_list, name="job-list"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("jobs/<int:pk>/again/", jobs.job_again, name="job-again"),
    path("settings/", settings.settings, name="settings"),
    path("settings/clock/", settings.clock, name="clock"),
    path("settings/leave/", settings.leave, name="leave"),
    path("settings/tokens/", tokens.token_list, name="token-list"),
    path("settings/tokens/<int:pk>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("invitations/", people.invitation_list, name="invitation-list"),
    path("invitations/<int:pk>/revoke/", people.invitation_revoke, name="invitation-revoke"),
    path("invitation/<str:token>/", people.invitation, name="invitation"),
    path("mail/", people.mail, name="mail"),
    # allauth's own pages of accounts and addresses: ours stand in their place.
    path("accounts/login/", people.SignInView.as_view(), name="sign-in"),
    path("accounts/3rdparty/", RedirectView.as_view(pattern_name="accounts:connections")),
    path("accounts/3rdparty/signup/", RedirectView.as_view(pattern_name="account_login")),
    path("accounts/email/", RedirectView.as_view(pattern_name="accounts:settings")),
]
