"""Mangled exports give a clear error or a clean import. Some here; a thousand in benchmarks/mangled_imports.py."""

import pytest
from wagtail.models import Page

from discussion.models import Comment, Mention
from people.models import Person
from tests.wordpress.mangling import mangled
from wordpress.actions import prepare_import, run_import
from wordpress.exceptions import ImportFailed, ImportRefused
from wordpress.models import Batch
from wordpress.reports import report_of


def standing():
    return (Page.objects.count(), Comment.objects.count(), Mention.objects.count(), Person.objects.count())


@pytest.mark.parametrize("seed", range(12))
def test_mangled_export_is_refused_or_imported_whole(organiser, tmp_path, seed):
    path = tmp_path / "mangled.xml"
    path.write_bytes(mangled(seed))
    before = standing()

    refused = None
    batch = None
    try:
        batch = run_import(actor=organiser, batch=prepare_import(actor=organiser, path=path), path=path)
    except ImportRefused as error:
        refused = error

    # It may be refused, and never break half way.
    assert not isinstance(refused, ImportFailed)
    if refused:
        assert len(refused.message) > 20
        assert standing() == before
        assert not Batch.objects.filter(state__in=["done", "running"]).exists()
    else:
        assert batch.state == "done"
        for counts in report_of(batch)["counts"].values():
            assert counts["found"] == sum(number for name, number in counts.items() if name != "found")


def test_same_seed_gives_the_same_file():
    assert mangled(5) == mangled(5) != mangled(17)
