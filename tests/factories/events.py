"""Events and the partners behind them."""

import datetime

import factory
import wagtail_factories
from django.utils import timezone

from events.models import EventPage, EventPartner, Partner
from home.models import HomePage


class EventPageFactory(wagtail_factories.PageFactory):
    """An event three weeks from now."""

    class Meta:
        model = EventPage

    title = factory.Sequence(lambda number: f"The Tidal Summit {number}")
    parent = factory.LazyFunction(HomePage.objects.get)
    starts_on = factory.LazyFunction(lambda: timezone.localdate() + datetime.timedelta(days=21))
    ends_on = factory.LazyAttribute(lambda event: event.starts_on + datetime.timedelta(days=2))


class PartnerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Partner

    name = factory.Sequence(lambda number: f"Breakwater Trust {number}")


class EventPartnerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EventPartner

    partner = factory.SubFactory(PartnerFactory)
