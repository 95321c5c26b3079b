from wagtail import hooks
from wagtail.log_actions import LogActionRegistry
from wagtail.snippets.models import register_snippet

from events.viewsets import PartnerViewSet

register_snippet(PartnerViewSet)


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("events.give_way", "Give way as the current event", "Is no longer the current event")
