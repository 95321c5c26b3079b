from django.urls import path

from news.feeds import PostsFeed, PropositionFeed

app_name = "news"

urlpatterns = [
    path("feed/", PostsFeed(), name="feed"),
    path("feed/propositions/<int:pk>/", PropositionFeed(), name="proposition_feed"),
]
