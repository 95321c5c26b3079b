from django.urls import path

from news.feeds import PostsFeed, PropositionFeed

app_name = "news"

urlpatterns = [
    path("feed/", PostsFeed(), name="feed"),
    path("feed/propositions/<id:pk>/", PropositionFeed(), name="proposition_feed"),
]
