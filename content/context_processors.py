from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The names every page needs."""
    return {"site_name": settings.SITE_NAME, "base_url": settings.BASE_URL}
