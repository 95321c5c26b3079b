"""The one entry point of every server: pages over HTTP, live rooms over WebSockets."""

import os
import warnings

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "summit.settings.dev")

# Files that Django itself sends are read in a thread, whole; there are few, and a proxy sends the rest.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

http_application = get_asgi_application()

from live.routing import websocket_urlpatterns  # noqa: E402 the apps must be ready first
from summit.origin import SameOriginValidator  # noqa: E402
from summit.shutdown import AnswerWhenCancelled  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": AnswerWhenCancelled(http_application),
        "websocket": SameOriginValidator(URLRouter(websocket_urlpatterns)),
    }
)
