"""A new installation starts with a home page, at the address it was given."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import migrations


def lay_first_page(apps, schema_editor):
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    Locale = apps.get_model("wagtailcore", "Locale")
    HomePage = apps.get_model("home", "HomePage")
    ContentType = apps.get_model("contenttypes", "ContentType")
    if HomePage.objects.exists():
        return
    root = Page.objects.get(depth=1)
    # Wagtail's page of welcome, and the site that shows it.
    Page.objects.filter(path="00010001", slug="home").delete()
    Page.objects.filter(pk=root.pk).update(numchild=Page.objects.filter(depth=2).count())
    if Page.objects.filter(depth=2).exists():
        return
    home = HomePage.objects.create(
        title=settings.SITE_NAME,
        draft_title=settings.SITE_NAME,
        slug="home",
        url_path="/home/",
        path="00010001",
        depth=2,
        numchild=0,
        locale=Locale.objects.get(pk=root.locale_id),
        content_type=ContentType.objects.get_or_create(app_label="home", model="homepage")[0],
    )
    Page.objects.filter(pk=root.pk).update(numchild=1)
    address = urlsplit(settings.BASE_URL)
    port = address.port or (443 if address.scheme == "https" else 80)
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={
            "hostname": address.hostname,
            "port": port,
            "site_name": settings.SITE_NAME,
            "root_page_id": home.pk,
        },
    )
    # The comments' library asks Django's own sites for the name and the address.
    apps.get_model("sites", "Site").objects.update_or_create(
        pk=settings.SITE_ID, defaults={"domain": address.netloc, "name": settings.SITE_NAME[:50]}
    )


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0002_text_page"),
        ("wagtailcore", "0098_apitoken"),
        ("sites", "0002_alter_domain_unique"),
    ]

    operations = [migrations.RunPython(lay_first_page, migrations.RunPython.noop, elidable=False)]
