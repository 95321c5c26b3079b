"""Every address of the site. Wagtail's pages come last: they answer whatever is left."""

from django.conf import settings
from django.urls import include, path
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.generic import RedirectView
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

from content import stylesheets
from people.views import go_elsewhere
from summit import health, metrics, views

# Wagtail's own admin pages carry inline scripts and styles, and show previews in a frame.
ADMIN_CSP = {
    **settings.SECURE_CSP,
    "script-src": [CSP.SELF, CSP.UNSAFE_INLINE, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "frame-src": [CSP.SELF],
}

urlpatterns = [
    path("accounts/editing/", views.sign_in_to_edit, name="sign_in_to_edit"),
    # Before the library's own, whose name and address it keeps.
    path("accounts/oidc/<slug:provider_id>/login/", go_elsewhere),
    # Nobody signs in with a password: not past the second factor by the forms of Django and Wagtail, which ask for none
    # and count no guesses, nor by one that somebody gives an account which they have open.
    path("accounts/password/<path:rest>", views.no_passwords),
    path("admin/login/", RedirectView.as_view(pattern_name="wagtailadmin_home")),
    path("_util/login/", RedirectView.as_view(pattern_name="account_login")),
    path("accounts/", include("allauth.urls")),
    path("", include("briefings.urls")),
    path(
        "admin/",
        include(decorate_urlpatterns(list(wagtailadmin_urls.urlpatterns), csp_override(ADMIN_CSP))),
    ),
    path("documents/", include(wagtaildocs_urls)),
    path("events/", include("events.urls")),
    path("", include("gathering.urls")),
    path("people/", include("people.urls")),
    path("comments/", include("discussion.urls")),
    path("mentions/", include("discussion.mentions.urls")),
    path("", include("live.urls")),
    path("propositions/", include("propositions.urls")),
    path("", include("news.urls")),
    path("", include("home.urls")),
    path("style/<str:digest>/<str:name>.css", stylesheets.serve, name="stylesheet"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/<slug:name>", health.one, name="health"),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include(wagtail_urls)),
]

if settings.SERVE_MEDIA:
    urlpatterns.insert(0, path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}))
if settings.SHOW_MAIL:
    urlpatterns.insert(0, path("mail/", include("summit.devmail")))

handler500 = "summit.views.server_error"
