"""Addresses of live sessions. Codes may be typed in any case."""

from django.urls import path

from live import views

app_name = "live"

urlpatterns = [
    path("join/", views.join, name="join"),
    path("events/<slug:slug>/programme.ics", views.programme_calendar, name="calendar"),
    path("live/worker.js", views.worker, name="worker"),
    path("live/<str:code>/", views.phone, name="phone"),
    path("live/<str:code>/table/<str:key>/", views.seat, name="seat"),
    path("live/<str:code>/table/<str:key>/qr.svg", views.seat_qr, name="seat_qr"),
    path("live/<str:code>/sheets/", views.sheets, name="sheets"),
    path("live/<str:code>/export/<str:kind>/", views.export, name="export"),
    path("live/<str:code>/wall/", views.wall, name="wall"),
    path("live/<str:code>/console/", views.console, name="console"),
    path("live/<str:code>/session.ics", views.session_calendar, name="session_calendar"),
    path("live/<str:code>/qr.svg", views.qr, name="qr"),
    path("live/<str:code>/snapshot/", views.snapshot, name="snapshot"),
    path("live/<str:code>/comments/", views.comments, name="comments"),
    path("live/<str:code>/events/", views.events, name="events"),
    path("live/<str:code>/contribute/", views.contribute, name="contribute"),
    path("live/<str:code>/command/", views.command, name="command"),
]
