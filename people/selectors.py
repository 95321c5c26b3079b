"""Reads about people."""

from django.db.models import QuerySet

from people.models import Person


def people_with_a_part() -> QuerySet[Person]:
    """Everybody readers may know, with their portraits, in the order of their names."""
    return Person.objects.select_related("portrait").prefetch_related("portrait__renditions").order_by("name")
