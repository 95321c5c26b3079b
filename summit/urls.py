"""Every address of the site. Wagtail's pages come last: they answer whatever is left."""

from django.conf import settings
from django.conf.urls.static import static
from django.urls import include, path
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

# Wagtail's own admin pages carry inline scripts and styles.
ADMIN_CSP = {
    **settings.SECURE_CSP,
    "script-src": [CSP.SELF, CSP.UNSAFE_INLINE, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "frame-src": [CSP.SELF],
}

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path(
        "admin/",
        include(decorate_urlpatterns(list(wagtailadmin_urls.urlpatterns), csp_override(ADMIN_CSP))),
    ),
    path("documents/", include(wagtaildocs_urls)),
    path("people/", include("people.urls")),
    path("comments/", include("discussion.urls")),
    path("", include("home.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    path("", include(wagtail_urls)),
]
