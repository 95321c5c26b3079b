from django.conf import settings
from django.urls import path

from home import views

urlpatterns = [
    path("search/", views.search, name="search"),
]

if settings.DEBUG:
    urlpatterns.append(path("gallery/", views.gallery, name="gallery"))
