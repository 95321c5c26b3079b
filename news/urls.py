from django.urls import path

from content.readers import for_readers
from news import views
from news.feeds import CategoryFeed, CategoryRss, PostsFeed, PostsRss, PropositionFeed, PropositionRss

app_name = "news"

urlpatterns = [
    path("feeds/", views.feeds, name="feeds"),
    path("feed/", for_readers(PostsFeed()), name="feed"),
    path("feed/rss/", for_readers(PostsRss()), name="rss"),
    path("feed/propositions/<id:pk>/", for_readers(PropositionFeed()), name="proposition_feed"),
    path("feed/propositions/<id:pk>/rss/", for_readers(PropositionRss()), name="proposition_rss"),
    path("feed/categories/<str:category>/", for_readers(CategoryFeed()), name="category_feed"),
    path("feed/categories/<str:category>/rss/", for_readers(CategoryRss()), name="category_rss"),
]
