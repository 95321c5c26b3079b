from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.openid_connect.views import login as openid_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from requests import RequestException

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


@never_cache
def go_elsewhere(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the server that says who somebody is, by a page that leads there.

    Not by an answer to the form: browsers hold the redirects that follow a form to the policy of the page with the
    form, which lets forms go nowhere else.
    """
    try:
        answer: HttpResponse = openid_login(request, provider_id=provider_id)
    except RequestException:
        provider = get_adapter().get_provider(request, provider_id)
        words = {"auth_error": {"provider": provider}}
        return render(request, "socialaccount/authentication_error.html", words, status=503)
    if request.method == "POST" and answer.status_code == 302:
        provider = get_adapter().get_provider(request, provider_id)
        return render(request, "socialaccount/onward.html", {"address": answer["Location"], "provider": provider})
    return answer
