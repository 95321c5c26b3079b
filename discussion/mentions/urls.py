from django.urls import path

from discussion.mentions import views

app_name = "mentions"
urlpatterns = [
    path("webmention/", views.webmention, name="webmention"),
    path("pingback/", views.pingback, name="pingback"),
    path("notices/<uuid:notice_id>/", views.notice, name="notice"),
]
