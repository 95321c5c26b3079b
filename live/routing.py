"""Addresses that the event loop answers itself: sockets, and long polls."""

from django.urls import path

from live.consumers import LiveConsumer, PollConsumer

websocket_urlpatterns = [path("ws/live/<str:code>/", LiveConsumer.as_asgi())]

http_urlpatterns = [path("live/<str:code>/events/", PollConsumer.as_asgi())]
