"""People whom readers may know."""

import factory

from people.models import Person


class PersonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Person

    name = factory.Sequence(lambda number: f"Isolde Marrow {number}")
    slug = factory.Sequence(lambda number: f"isolde-marrow-{number}")
    role = "Clerk of Works"
    organisation = "Saltmarsh Council"
