from itertools import pairwise

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from content.readers import for_readers
from propositions.comparison import compare, paragraphs_of
from propositions.models import PropositionPage
from propositions.selectors import versions_of


@for_readers
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version of a statement, the newest first, each shown as what changed in it.

    With `?since=` a version stands beside that of today, for readers of a comment that answered it.
    """
    proposition = get_object_or_404(PropositionPage.objects.live().public(), pk=pk)
    kept = versions_of(proposition)
    since = request.GET.get("since", "")
    then = next((version for version in kept if str(version.number) == since), None)
    if then is not None and then != kept[-1]:
        now = kept[-1]
        context = {
            "proposition": proposition,
            "event": proposition.event,
            "section": "propositions",
            "then": then,
            "now": now,
            "title": compare([then.title], [now.title])[0] if then.title != now.title else None,
            "paragraphs": compare(paragraphs_of(then.html), paragraphs_of(now.html)),
        }
        return render(request, "propositions/two_versions.html", context)
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
