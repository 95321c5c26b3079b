"""Posts and the stream they stand in."""

import factory
import wagtail_factories

from home.models import HomePage
from news.models import NewsIndexPage, PostPage


class NewsIndexPageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = NewsIndexPage

    title = "News"
    parent = factory.LazyFunction(HomePage.objects.get)
    show_in_menus = True


class PostPageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = PostPage

    title = factory.Sequence(lambda number: f"Word from the slipway {number}")
    body = factory.LazyFunction(lambda: [("paragraph", "<p>The tide table is up.</p>")])
