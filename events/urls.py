from django.urls import path

from events import views

app_name = "events"

urlpatterns = [
    path("accent-<int:hue>.css", views.accent, name="accent"),
]
