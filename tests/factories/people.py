"""People whom readers may know, and pictures of them."""

from io import BytesIO

import factory
from django.core.files.base import ContentFile
from PIL import Image

from content.models import SummitImage
from people.models import Person


def picture(title: str = "A jetty") -> SummitImage:
    """A small picture with a file of its own."""
    drawn = BytesIO()
    Image.new("RGB", (240, 240), "#0b5a5c").save(drawn, "PNG")
    return SummitImage.objects.create(title=title, file=ContentFile(drawn.getvalue(), name="jetty.png"))


class PersonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Person

    name = factory.Sequence(lambda number: f"Isolde Marrow {number}")
    slug = factory.Sequence(lambda number: f"isolde-marrow-{number}")
    role = "Clerk of Works"
    organisation = "Saltmarsh Council"
