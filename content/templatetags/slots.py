from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from content import slots

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(
    context: template.Context, name: str, subject: Any = None, first: int | None = None, last: int | None = None
) -> SafeString:
    """Render what higher apps registered for the slot `name` about `subject` (the page by default).

    `first` and `last` take a part of it by the orders it was registered with, for a slot that stands in two places.
    """
    request = context["request"]
    subject = subject if subject is not None else context.get("page")
    parts = (
        render_to_string(
            content.template_name,
            {**content.context, "subject": subject},
            request=request,
        )
        for content in slots.contents(name, request, subject, first=first, last=last)
    )
    return mark_safe("".join(parts))  # noqa: S308 each part is a rendered template
