"""The audit of dependencies: what fails it, what does not, and what it says where nobody can be asked."""

import datetime
import json
import subprocess
import sys

import pytest

from scripts import audit

TODAY = datetime.date(2026, 11, 22)

REPORT = {
    "dependencies": [
        {"name": "django", "version": "6.1.3", "vulns": []},
        {"name": "pillow", "version": "1.0", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1", "GHSA-1"]}]},
        {"name": "own", "skip_reason": "Dependency not found on PyPI"},
    ]
}


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """The whole command, with somebody else's answers: by service, what is said of however many pins."""

    def run_with(answers, *options, accepted=""):
        asked = []
        file = tmp_path / "accepted.txt"
        file.write_text(accepted)
        monkeypatch.setattr(audit, "ACCEPTED", file)
        monkeypatch.setattr(audit, "install", lambda: "")
        monkeypatch.setattr(audit, "ask", lambda pins, service: asked.append((service, len(pins))) or answers(service))
        monkeypatch.setattr(sys, "argv", ["audit", *options])
        return audit.main(), capsys.readouterr().out, asked

    return run_with


def test_pins_are_read_without_hashes_and_conditions():
    lock = "django==6.1.3 \\\n    --hash=sha256:00\nuvloop==0.22.1 ; sys_platform != 'win32' \\\n    --hash=sha256:01\n"

    assert audit.pins_of(lock) == ["django==6.1.3", "uvloop==0.22.1"]
    assert len(audit.pins_of((audit.ROOT / "requirements" / "test.txt").read_text())) > 100


def test_advisory_that_nobody_looked_at_fails(run):
    status, said, _ = run(lambda service: audit.read_report(json.dumps(REPORT)))

    assert status == 1
    assert "pillow==1.0: PYSEC-1 CVE-1 GHSA-1" in said
    assert "2 pins audited, 1 unknown there, 1 with advisories." in said


@pytest.mark.parametrize("name", ["PYSEC-1", "CVE-1", "GHSA-1"])
def test_advisory_that_somebody_looked_at_passes_by_any_of_its_names(run, name):
    status, _, _ = run(lambda _: audit.read_report(json.dumps(REPORT)), accepted=f"{name} 2999-01-01 not called")

    assert status == 0


def test_what_was_accepted_ends():
    line = "GHSA-1 2026-11-21 not called\nGHSA-2 2026-11-22 not called\nGHSA-3 2026-12-01\n# GHSA-4 2999-01-01 x\n"

    assert audit.accepted(line, TODAY) == {"GHSA-2": "not called"}


def test_nobody_to_ask_is_said_and_is_no_failure_and_no_success(run):
    silent = audit.Report(failure="cannot resolve")

    status, said, asked = run(lambda service: silent)

    assert status == 0
    assert said.startswith("NOT AUDITED: no service of advisories answers here (cannot resolve).")
    # One question to each, not a hundred.
    assert asked == [("pypi", 1), ("osv", 1)]
    assert run(lambda service: silent, "--required")[0] == 1


def test_index_that_knows_no_advisories_is_not_taken_for_a_clean_bill(run):
    mirror = audit.read_report(json.dumps({"dependencies": [{"name": "django", "skip_reason": "not found"}]}))

    status, said, _ = run(lambda service: mirror)

    assert status == 0
    assert "NOT AUDITED" in said


def test_second_service_is_asked_where_the_first_is_silent(run):
    clean = audit.Report(audited=["django==6.1.3"])

    status, said, asked = run(lambda service: clean if service == "osv" else audit.Report(failure="closed"))

    assert status == 0
    assert "1 pins audited, 0 unknown there, 0 with advisories." in said
    assert [service for service, _ in asked] == ["pypi", "osv", "osv"]


def test_tool_that_takes_too_long_to_install_is_nobody_to_ask(monkeypatch, tmp_path):
    def wait_in_vain(command, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(audit, "TOOL", tmp_path / "tool")
    monkeypatch.setattr(audit.venv, "create", lambda *_, **__: None)
    monkeypatch.setattr(audit.subprocess, "run", wait_in_vain)

    assert audit.install() == "not done within 300 seconds"
