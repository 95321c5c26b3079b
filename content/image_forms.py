"""Pictures as people upload them: whole ones, or a sentence why not."""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm


class PictureField(WagtailImageField):
    """Takes only what can be drawn.

    The library looks at a file's first bytes and stumbles later: over a page that begins like a GIF while it reads the
    form, over half a picture on every page that shows it.
    """

    def to_python(self, data: Any) -> Any:
        try:
            picture = super().to_python(data)
            if picture is not None:
                picture.image.resize((1, 1))
        except ValidationError:
            raise
        except Exception as error:
            raise ValidationError(self.error_messages["invalid_image"], code="invalid_image") from error
        return picture


class PictureForm(BaseImageForm):
    file = PictureField(label="File")
