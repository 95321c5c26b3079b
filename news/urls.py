from django.urls import path

from content.readers import for_readers
from news.feeds import PostsFeed, PropositionFeed

app_name = "news"

urlpatterns = [
    path("feed/", for_readers(PostsFeed()), name="feed"),
    path("feed/propositions/<id:pk>/", for_readers(PropositionFeed()), name="proposition_feed"),
]
