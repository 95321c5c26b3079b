"""What this app adds to Wagtail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail import hooks
from wagtail.admin import messages
from wagtail.models import Page
from wagtail.snippets.models import register_snippet

from briefings import rich_text
from briefings.models import BriefingPage
from briefings.readiness import checks_of
from briefings.viewsets import SeriesViewSet

register_snippet(SeriesViewSet)
hooks.register("register_rich_text_features")(rich_text.register)


@hooks.register("before_publish_page")
def keep_unready_briefing_a_draft(request: HttpRequest, page: Page) -> HttpResponse | None:
    """By now the draft is saved: say what is missing and go back to it."""
    briefing = page.specific_deferred if not isinstance(page, BriefingPage) else page
    if not isinstance(briefing, BriefingPage):
        return None
    problems = [check.message for check in checks_of(briefing) if check.blocks]
    if not problems:
        return None
    messages.error(request, "Saved as a draft, not published. " + " ".join(problems))
    return redirect("wagtailadmin_pages:edit", briefing.pk)
