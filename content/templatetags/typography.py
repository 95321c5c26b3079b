from django import template

register = template.Library()

MARKS = "\"'“”‘’«»"


@register.filter
def quoted(text: str) -> str:
    """The text between one pair of quotation marks, whether or not they were typed."""
    return f"“{text.strip().strip(MARKS).strip()}”"
