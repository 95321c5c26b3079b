"""What the head of a page says: to browsers, and to those who only have a link to it."""

import json
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import _json_script_escapes, format_html
from django.utils.safestring import SafeString, mark_safe

from content import stylesheets
from content.models import BasePage

register = template.Library()


@register.simple_tag
def structured_data(page: Any) -> SafeString:
    """The page in the words of schema.org, as a block of data that browsers do not run."""
    found = page.structured_data() if isinstance(page, BasePage) else {}
    if not found:
        return mark_safe("")
    said = {"@context": "https://schema.org", **{name: value for name, value in found.items() if value is not None}}
    text = json.dumps(said, ensure_ascii=False).translate(_json_script_escapes)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 escaped above


@register.simple_tag
def stylesheet(name: str) -> str:
    """The address of a whole stylesheet; while one works on it, of its first file, so that every change shows."""
    if settings.DEBUG:
        return static(stylesheets.WHOLE[name])
    return reverse("stylesheet", args=[stylesheets.whole(name)[1], name])
