"""What `manage.py import_wordpress` refuses before it does anything."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.factories.wordpress import summit, write
from wordpress.models import Batch


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"event": "Bad Slug!"}, "no address of an event"),
        ({"report": Path("/nonexistent/r.json")}, "cannot be written"),
        ({"map": ["category:news=bogus"]}, "nothing that a category can become"),
        ({"map": ["kind:post=proposition"]}, "nothing that a kind can become"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_is_made(organiser, tmp_path, options, said):
    with pytest.raises(CommandError, match=said):
        call_command("import_wordpress", str(write(tmp_path, *summit())), **options)

    assert not Batch.objects.exists()
