"""What posts show on the pages of others."""

from django.http import HttpRequest

from content.slots import SlotContent, register
from news.models import PostPage
from news.selectors import posts_below
from people.models import Person
from propositions.models import PropositionPage


@register("proposition.posts", order=10)
def posts(request: HttpRequest, proposition: PropositionPage) -> SlotContent | None:
    found = list(posts_below(proposition)) if proposition.pk else []
    return SlotContent("news/posts.html", {"posts": found}) if found else None


@register("person.parts", order=30)
def written_by(request: HttpRequest, person: Person) -> SlotContent | None:
    found = list(PostPage.objects.live().public().filter(author=person).order_by("-date"))
    return SlotContent("news/written_by.html", {"posts": found}) if found else None
