"""What the report of an import shows of each thing."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from wordpress.models import Record

register = template.Library()


@register.simple_tag
def target_link(record: Record) -> SafeString | str:
    """A link to what a thing became, where an organiser can look at it."""
    if record.page:
        return format_html(
            ': <a href="{}">{}</a>', reverse("wagtailadmin_pages:edit", args=[record.page.pk]), record.page.title
        )
    if record.comment:
        return format_html(': <a href="{}">comment</a>', record.comment.get_absolute_url())
    if record.mention:
        return format_html(": mention of {}", record.mention.page.title)
    if record.person:
        return format_html(': <a href="{}">{}</a>', record.person.get_absolute_url(), record.person.name)
    if record.image:
        return format_html(': <a href="{}">picture</a>', reverse("wagtailimages:edit", args=[record.image.pk]))
    if record.document:
        return format_html(': <a href="{}">document</a>', reverse("wagtaildocs:edit", args=[record.document.pk]))
    return ""
