"""Reads about people."""

from django.db.models import QuerySet

from people.models import Person
from people.personal import NAME_REMOVED


def people_with_a_part() -> QuerySet[Person]:
    """Everybody readers may know, with their portraits, in the order of their names. Nobody who was erased."""
    people = Person.objects.exclude(name=NAME_REMOVED).order_by("name")
    return people.select_related("portrait").prefetch_related("portrait__renditions")
