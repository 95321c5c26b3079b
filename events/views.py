from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import cache_control

from events.accents import accents_of, is_refused


@cache_control(public=True, max_age=31_536_000, immutable=True)
def accent(request: HttpRequest, hue: int) -> HttpResponse:
    """The colours of a hue as a stylesheet. What a hue gives never changes."""
    if is_refused(hue):
        raise Http404("No accent has this hue.")
    css = render_to_string("events/accent.css", {"accents": accents_of(hue)})
    return HttpResponse(css, content_type="text/css; charset=utf-8")
