"""What `manage.py import_wordpress` refuses before it does anything."""

import json
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
        ({"report": Path("/")}, "cannot be written: Is a directory"),
        ({"report": Path("/etc/hostname/r.json")}, "cannot be written: Not a directory"),
        ({"report": Path("export.xml")}, "is the export itself"),
        (
            {"map": ["category:NOSUCH=skip"]},
            "holds no category “NOSUCH”. Its categories: news, proposition-4.",
        ),
        ({"map": ["kind:product=post"]}, "no kind “product”"),
        ({"map": ["author:nobody=-"]}, "no author “nobody”"),
        ({"map": ["author:editor=nobody"]}, "no person with the address “nobody”"),
        ({"map": ["category:news=bogus"]}, "nothing that a category can become"),
        ({"map": ["kind:post=proposition"]}, "nothing that a kind can become"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_is_made(
    organiser, tmp_path, monkeypatch, options, said
):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(CommandError, match=said):
        call_command("import_wordpress", str(write(tmp_path, *summit())), **options)

    assert not Batch.objects.exists()
    assert [file.name for file in tmp_path.iterdir()] == ["export.xml"]


def test_report_is_written_and_none_is_left_where_the_import_was_refused(organiser, tmp_path):
    path, report = write(tmp_path, *summit()), tmp_path / "report.json"

    with pytest.raises(CommandError, match="no category"):
        call_command("import_wordpress", str(path), map=["category:x=skip"], report=report)
    assert not report.exists()
    call_command("import_wordpress", str(path), dry_run=True, report=report)

    assert json.loads(report.read_text())["counts"]["comment"]["found"] == 2
