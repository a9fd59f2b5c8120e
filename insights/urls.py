"""Addresses of `insights`."""

from django.urls import path

from insights.views import (
    compare,
    counting,
    dashboard,
    decades,
    discoveries,
    entity,
    milestones,
    sessions,
    skips,
    snapshots,
    sound,
    this_day,
    time,
    top,
    wellness,
)

app_name = "insights"
urlpatterns = [
    path("albums/<int:pk>/", entity.page, {"what": "albums"}, name="album"),
    path("artists/<int:pk>/", entity.page, {"what": "artists"}, name="artist"),
    path("compare/", compare.side_by_side, name="compare"),
    path("counting/", counting.rules, name="counting"),
    path("counting/leave-out/", counting.leave_out, name="leave-out"),
    path("counting/<int:pk>/take-back/", counting.take_back, name="take-back"),
    path("decades/", decades.course, name="decades"),
    path("discoveries/", discoveries.new, name="discoveries"),
    path("discoveries/again/", discoveries.heard_again, name="rediscoveries"),
    path("discoveries/forgotten/", discoveries.forgotten, name="forgotten"),
    path("discoveries/obsessions/", discoveries.over_and_over, name="obsessions"),
    path("milestones/", milestones.marks, name="milestones"),
    path("on-this-day/", this_day.same_date, name="this-day"),
    path("genres/<int:pk>/", entity.page, {"what": "genres"}, name="genre"),
    path("listening/", dashboard.look, name="dashboard"),
    path("sound/", sound.sounds, name="sound"),
    path("top/<str:what>/", top.top_list, name="top"),
    path("tracks/<int:pk>/", entity.page, {"what": "tracks"}, name="track"),
    path("sessions/", sessions.session_list, name="sessions"),
    path("sessions/<int:start>/hide/", sessions.hide_session, name="session-hide"),
    path("sessions/<int:start>/", sessions.session, name="session"),
    path("skips/", skips.skipping, name="skips"),
    path("snapshots/", snapshots.snapshot_list, name="snapshots"),
    path("snapshots/compare/", snapshots.side_by_side, name="snapshot-compare"),
    path("snapshots/keep/", snapshots.keep, name="snapshots-keep"),
    path("snapshots/<int:pk>/", snapshots.snapshot, name="snapshot"),
    path("wellness/", wellness.wellness, name="wellness"),
    path("time/", time.when, name="time"),
]
