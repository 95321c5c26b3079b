from itertools import pairwise

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from content.readers import for_readers
from propositions.comparison import compare, paragraphs_of
from propositions.models import PropositionPage
from propositions.selectors import versions_of


@for_readers
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version of a statement, the newest first, each shown as what changed in it."""
    proposition = get_object_or_404(PropositionPage.objects.live().public(), pk=pk)
    kept = versions_of(proposition)
    changes = [
        {
            "version": later,
            "earlier": earlier,
            "title": compare([earlier.title], [later.title])[0] if earlier.title != later.title else None,
            "paragraphs": compare(paragraphs_of(earlier.html), paragraphs_of(later.html)),
        }
        for earlier, later in pairwise(kept)
    ]
    return render(
        request,
        "propositions/versions.html",
        {
            "proposition": proposition,
            "event": proposition.event,
            "section": "propositions",
            "changes": changes[::-1],
            "first": kept[0] if kept else None,
        },
    )
