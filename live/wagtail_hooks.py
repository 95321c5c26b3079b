"""What this app adds to Wagtail."""

from wagtail import hooks

from live.viewsets import LiveSessionViewSet


@hooks.register("register_admin_viewset")
def register_sessions() -> LiveSessionViewSet:
    return LiveSessionViewSet()
