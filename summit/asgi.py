"""The one entry point of every server: pages over HTTP, live rooms over WebSockets."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "summit.settings.dev")

http_application = get_asgi_application()

application = ProtocolTypeRouter({"http": http_application})
