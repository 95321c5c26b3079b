"""The demo, loaded once for everything that is tried on the whole of it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings


@pytest.fixture(scope="package")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """What the command said. Each test's changes are undone, and the demo itself after the last of this folder.

    Loading takes longer than any test here, so nothing of it may be changed for good: fixtures that add to it do so in
    a transaction of their own.
    """
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        around = transaction.atomic()
        around._from_testcase = True
        with around:
            out = StringIO()
            call_command("load_demo", stdout=out)
            yield out.getvalue()
            transaction.set_rollback(True)
