from django.conf import settings
from django.urls import path

from home import views

urlpatterns = [
    path("my-data/", views.personal, name="personal"),
    path("my-data/<str:token>/", views.personal_by_link, name="personal_by_link"),
    path("search/", views.search, name="search"),
]

if settings.DEBUG:
    urlpatterns.append(path("gallery/", views.gallery, name="gallery"))
