"""The guided page's addresses, below the admin's."""

from django.urls import path

from wordpress import views

app_name = "wordpress"

urlpatterns = [
    path("", views.index, name="index"),
    path("<int:pk>/", views.batch, name="batch"),
    path("<int:pk>/report.json", views.report, name="report"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/forget/", views.forget, name="forget"),
    path("suspicions/<int:pk>/", views.settle, name="settle"),
]
