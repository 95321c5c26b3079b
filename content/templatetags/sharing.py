"""What the head of a page says to those who only have a link to it."""

import json
from typing import Any

from django import template
from django.utils.html import _json_script_escapes, format_html
from django.utils.safestring import SafeString, mark_safe

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
