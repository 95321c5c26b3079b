"""Propositions and those who facilitate them."""

import factory
import wagtail_factories

from propositions.models import PropositionFacilitator, PropositionPage
from tests.factories.events import EventPageFactory
from tests.factories.people import PersonFactory


class PropositionPageFactory(wagtail_factories.PageFactory):
    class Meta:
        model = PropositionPage

    title = factory.Sequence(lambda number: f"A harbour belongs to those who dredge it {number}")
    parent = factory.SubFactory(EventPageFactory)
    number = factory.Sequence(lambda number: number + 1)
    statement = factory.LazyFunction(lambda: [("paragraph", "<p>Silt comes back. So must we.</p>")])


class PropositionFacilitatorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PropositionFacilitator

    person = factory.SubFactory(PersonFactory)
