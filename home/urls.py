from django.urls import path
from wagtail.contrib.sitemaps import Sitemap
from wagtail.contrib.sitemaps.views import sitemap

from content.readers import for_readers
from home import views
from home.sitemaps import PersonSitemap, PlaceSitemap

urlpatterns = [
    path("card/<id:page_id>.png", views.card, name="card"),
    path("robots.txt", for_readers(views.robots), name="robots"),
    path(
        "sitemap.xml",
        for_readers(sitemap),
        {"sitemaps": {"pages": Sitemap, "places": PlaceSitemap, "people": PersonSitemap}},
        name="sitemap",
    ),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("mine/", views.mine, name="mine"),
    path("my-data/", views.personal, name="personal"),
    path("my-data/<str:token>/", views.personal_by_link, name="personal_by_link"),
    path("search/", views.search, name="search"),
    path("gallery/", views.gallery, name="gallery"),
]
