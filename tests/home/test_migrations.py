"""What a new installation has before anybody has done anything."""

import pytest
from django.contrib.auth.models import Group
from wagtail.models import GroupApprovalTask, Site

from home.models import HomePage
from people import roles

pytestmark = pytest.mark.django_db

MAY = {
    roles.MODERATORS: set(),
    roles.FACILITATORS: {"add_page"},
    roles.EDITORS: {"add_page", "change_page"},
    roles.ORGANISERS: {
        "add_page",
        "change_page",
        "publish_page",
        "bulk_delete_page",
        "lock_page",
        "unlock_page",
    },
}


def test_installation_starts_with_a_home_page():
    site = Site.objects.get()

    assert site.root_page.specific == HomePage.objects.get()
    assert (site.hostname, site.port, site.is_default_site) == ("localhost", 8000, True)


@pytest.mark.parametrize("role", roles.ALL)
def test_role_may_do_its_own_with_pages(role):
    group = Group.objects.get(name=role)

    assert {permission.permission.codename for permission in group.page_permissions.all()} == MAY[role]
    assert group.permissions.filter(codename="access_admin").exists()


def test_organisers_approve_what_is_published():
    task = GroupApprovalTask.objects.get()

    assert [group.name for group in task.groups.all()] == [roles.ORGANISERS]
