"""Public addresses: where somebody's words went, and what became of everything."""

from django.urls import path

from gathering.views import words

app_name = "gathering"

urlpatterns = [
    path("words/", words.words, name="words"),
    path("words/<str:token>/", words.words_by_link, name="words_by_link"),
    path("events/<slug:slug>/ledger/", words.ledger, name="ledger"),
]
