from typing import Any

from django import template

from people import second_factor

register = template.Library()


@register.inclusion_tag("mfa/errand.html", takes_context=True)
def errand(context: dict[str, Any]) -> dict[str, Any]:
    """Why somebody was sent to set up a second factor; once they have, the way on to where they were going."""
    return {"errand": second_factor.errand_of(context["request"])}
