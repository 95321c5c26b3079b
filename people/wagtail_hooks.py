from wagtail import hooks
from wagtail.snippets.models import register_snippet

from people.viewsets import ErasureViewSet, PersonViewSet

register_snippet(PersonViewSet)


@hooks.register("register_admin_viewset")
def erasures() -> ErasureViewSet:
    return ErasureViewSet()
