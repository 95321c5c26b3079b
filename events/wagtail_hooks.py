from wagtail.snippets.models import register_snippet

from events.viewsets import PartnerViewSet

register_snippet(PartnerViewSet)
