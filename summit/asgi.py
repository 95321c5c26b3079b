"""The one entry point of every server: pages over HTTP, live rooms over WebSockets."""

import os
import warnings

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

# Whoever serves this without saying how means the public. `manage.py` says it for a laptop. Empty says nothing.
if not os.environ.get("DJANGO_SETTINGS_MODULE", "").strip():
    os.environ["DJANGO_SETTINGS_MODULE"] = "summit.settings.production"

# Files that Django itself sends are read in a thread, whole; there are few, and a proxy sends the rest.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

http_application = get_asgi_application()

from django.conf import settings  # noqa: E402

from live.routing import http_urlpatterns, websocket_urlpatterns  # noqa: E402 the apps must be ready first
from summit.inside import Inside  # noqa: E402
from summit.metrics import Counted  # noqa: E402
from summit.origin import SameOriginValidator, refuse_unknown  # noqa: E402
from summit.shutdown import AnswerWhenCancelled, LetGo  # noqa: E402
from summit.starting import warn_of_laptop_settings  # noqa: E402
from summit.turns import InTurn  # noqa: E402

warn_of_laptop_settings()

pages = Counted(InTurn(Inside(http_application), settings.REQUESTS_AT_ONCE))

application = ProtocolTypeRouter(
    {
        # Long polls wait in the loop; Django, which holds a thread for each request, answers everything else.
        "http": AnswerWhenCancelled(LetGo(URLRouter([*http_urlpatterns, re_path("", pages)]))),
        "websocket": SameOriginValidator(URLRouter([*websocket_urlpatterns, re_path("", refuse_unknown)])),
    }
)
