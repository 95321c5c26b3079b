from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from content.readers import for_readers
from people.models import Person
from people.selectors import people_with_a_part


@for_readers
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "people/index.html", {"people": people_with_a_part(), "section": "people"})


@for_readers
def person(request: HttpRequest, slug: str) -> HttpResponse:
    person = get_object_or_404(Person.objects.select_related("portrait"), slug=slug)
    return render(request, "people/person.html", {"person": person, "section": "people"})
