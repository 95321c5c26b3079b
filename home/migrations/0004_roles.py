"""The roles of an installation and what each may do in the admin.

Wagtail's own groups Moderators and Editors mean people who publish and people who write. Here moderators look after
what is said, editors write, and organisers decide what is published.
"""

from django.db import migrations

WRITE = ("add_page", "change_page")
PUBLISH = (*WRITE, "publish_page", "bulk_delete_page", "lock_page", "unlock_page")
FILES = {
    ("wagtailimages", "image"): ("add_image", "change_image", "choose_image"),
    ("wagtaildocs", "document"): ("add_document", "change_document", "choose_document"),
}
PEOPLE = {("people", "person"): ("add_person", "change_person", "view_person")}
PARTNERS = {("events", "partner"): ("add_partner", "change_partner", "delete_partner", "view_partner")}
ORGANISING = {
    **PEOPLE,
    **PARTNERS,
    ("people", "user"): ("add_user", "change_user", "view_user"),
    ("wagtailredirects", "redirect"): ("add_redirect", "change_redirect", "delete_redirect"),
}

ROLES = {
    "Moderators": {"pages": (), "files": False, "models": {}},
    "Facilitators": {"pages": ("add_page",), "files": True, "models": {}},
    "Editors": {"pages": WRITE, "files": True, "models": PEOPLE},
    "Organisers": {"pages": PUBLISH, "files": True, "models": ORGANISING},
}


def permission(apps, app_label, model, codename):
    """A permission, also before Django has written it: that happens after the last migration."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    content_type, _ = ContentType.objects.get_or_create(app_label=app_label, model=model)
    return Permission.objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": f"Can {codename.replace('_', ' ')}"}
    )[0]


def give_roles(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Page = apps.get_model("wagtailcore", "Page")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    Collection = apps.get_model("wagtailcore", "Collection")
    GroupCollectionPermission = apps.get_model("wagtailcore", "GroupCollectionPermission")
    root_page, root_collection = Page.objects.get(depth=1), Collection.objects.get(depth=1)
    for name, may in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(
            [
                permission(apps, "wagtailadmin", "admin", "access_admin"),
                *(
                    permission(apps, app_label, model, codename)
                    for (app_label, model), codenames in may["models"].items()
                    for codename in codenames
                ),
            ]
        )
        GroupPagePermission.objects.filter(group=group, page=root_page).delete()
        for codename in may["pages"]:
            GroupPagePermission.objects.create(
                group=group, page=root_page, permission=permission(apps, "wagtailcore", "page", codename)
            )
        GroupCollectionPermission.objects.filter(group=group, collection=root_collection).delete()
        if may["files"]:
            for (app_label, model), codenames in FILES.items():
                for codename in codenames:
                    GroupCollectionPermission.objects.create(
                        group=group,
                        collection=root_collection,
                        permission=permission(apps, app_label, model, codename),
                    )
    _let_organisers_approve(apps, Group.objects.get(name="Organisers"))


def _let_organisers_approve(apps, organisers):
    """Wagtail asks the group Moderators for approval; here that is the organisers' to give."""
    Task = apps.get_model("wagtailcore", "GroupApprovalTask")
    Workflow = apps.get_model("wagtailcore", "Workflow")
    for task in Task.objects.filter(name="Moderators approval"):
        task.name = "Approval by an organiser"
        task.save()
        task.groups.set([organisers])
    Workflow.objects.filter(name="Moderators approval").update(name="Approval by an organiser")


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0003_first_page"),
        ("people", "0002_person"),
        ("events", "0001_initial"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailimages", "0023_add_choose_permissions"),
        ("wagtaildocs", "0011_add_choose_permissions"),
        ("wagtailredirects", "0008_add_verbose_name_plural"),
    ]

    operations = [migrations.RunPython(give_roles, migrations.RunPython.noop, elidable=False)]
