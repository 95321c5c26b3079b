from typing import Any

from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand

from content.models import Rendition, SummitImage
from content.pictures import without_metadata


class Command(BaseCommand):
    help = "Take out of the pictures that are kept already where and by whom they were taken; new ones never hold it."

    def handle(self, *args: Any, **options: Any) -> None:
        originals = sum(_clean(image) for image in SummitImage.objects.order_by("pk").iterator())
        # Drawn again when next asked for.
        renditions = [row for row in Rendition.objects.order_by("pk").iterator() if _says_more(row)]
        for rendition in renditions:
            rendition.file.storage.delete(rendition.file.name)
            rendition.delete()
        self.stdout.write(f"Cleaned {originals} originals, and threw away {len(renditions)} copies of them.")


def _read(row: SummitImage | Rendition) -> bytes:
    with row.file.open("rb") as file:
        return file.read()


def _says_more(row: SummitImage | Rendition) -> bool:
    if not row.file.storage.exists(row.file.name):
        return False
    found = _read(row)
    return without_metadata(found) != found


def _clean(image: SummitImage) -> bool:
    """Put a clean file in the place of one that is not, under another name: the old address ends."""
    if not _says_more(image):
        return False
    storage, old = image.file.storage, image.file.name
    image.file = ContentFile(_read(image), name=image.filename)
    image.save()
    storage.delete(old)
    return True
