from django.urls import path

from propositions import views

app_name = "propositions"

urlpatterns = [
    path("<id:pk>/versions/", views.versions, name="versions"),
]
