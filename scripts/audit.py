"""`make audit`: are advisories known about what is pinned in requirements/? Asks PyPI, else OSV, by pip-audit.

Fails on an advisory that nobody has looked at. A machine that reaches neither service is told so in plain words, and is
not failed for it: that is no finding (REQUIRED=1 makes it one).
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("test.txt", "encoder.txt", "uv.txt", "audit.txt", "mutation.txt")
ACCEPTED = ROOT / "requirements" / "accepted-advisories.txt"
TOOL = ROOT / "var" / "audit"
PATIENCE = 300


@dataclass
class Report:
    """What pip-audit says of a set of pins."""

    audited: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    found: dict[str, set[str]] = field(default_factory=dict)
    """Advisories under all their names, by package and version."""
    failure: str = ""

    @property
    def says_nothing(self) -> bool:
        return bool(self.failure) or not self.audited


def pins_of(lock: str) -> list[str]:
    """`name==version` of each line of a lock that applies here or elsewhere, without its hashes."""
    return re.findall(r"^([A-Za-z0-9._-]+==[^\s;\\]+)", lock, re.MULTILINE)


def read_report(text: str) -> Report:
    report = Report()
    for one in json.loads(text)["dependencies"]:
        name = f"{one['name']}=={one.get('version', '?')}"
        if "skip_reason" in one:
            report.skipped.append(name)
            continue
        report.audited.append(name)
        for advisory in one["vulns"]:
            report.found.setdefault(name, set()).add(" ".join([advisory["id"], *advisory.get("aliases", [])]))
    return report


def accepted(text: str, today: datetime.date) -> dict[str, str]:
    """Advisories that somebody has looked at, by name, until a day: `GHSA-x 2027-01-31 why it does not touch us`."""
    found = {}
    for line in text.splitlines():
        name, day, reason = (*line.split("#")[0].split(maxsplit=2), "", "", "")[:3]
        if name and reason and datetime.date.fromisoformat(day) >= today:
            found[name] = reason
    return found


def verdict(report: Report, looked_at: dict[str, str]) -> list[str]:
    """Advisories that nobody has looked at, one in a line."""
    return [
        f"{name}: {advisory}"
        for name, advisories in sorted(report.found.items())
        for advisory in sorted(advisories)
        if not set(advisory.split()) & set(looked_at)
    ]


def ask(pins: list[str], service: str) -> Report:
    listed = TOOL / "pins.txt"
    listed.write_text("\n".join(pins) + "\n")
    command = [str(TOOL / "bin" / "pip-audit"), "--requirement", str(listed), "--vulnerability-service", service]
    command += ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return Report(failure=f"no answer within {PATIENCE} seconds")
    if not done.stdout.startswith("{"):
        if "usage:" in done.stderr:
            raise RuntimeError(f"pip-audit was asked wrongly: {done.stderr}")
        return Report(failure=done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no answer")
    return read_report(done.stdout)


def install() -> str:
    """The tool in a place of its own, since nothing of it is served or tested. Answers why not, if it cannot be had."""
    lock = ROOT / "requirements" / "audit.txt"
    done_with = TOOL / "audit.txt"
    if done_with.exists() and done_with.read_text() == lock.read_text():
        return ""
    venv.create(TOOL, with_pip=True, clear=True)
    command = [str(TOOL / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return f"not done within {PATIENCE} seconds"
    if done.returncode:
        return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "pip failed"
    done_with.write_text(lock.read_text())
    return ""


def audit() -> Report:
    pins = sorted({pin for name in LOCKS for pin in pins_of((ROOT / "requirements" / name).read_text())})
    report = Report()
    for service in ("pypi", "osv"):
        # One question first: an index that is only a mirror knows no advisories, and need not be asked for each.
        report = ask([pin for pin in pins if pin.startswith("django==")], service)
        if not report.says_nothing:
            report = ask(pins, service)
        if not report.says_nothing:
            return report
    return report


def main() -> int:
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--required", action="store_true", help="Fail as well where no service answers.")
    is_required = parser.parse_args().required or bool(os.environ.get("AUDIT_REQUIRED"))
    TOOL.parent.mkdir(exist_ok=True)
    trouble = install()
    report = Report(failure=f"pip-audit cannot be installed: {trouble}") if trouble else audit()
    if report.says_nothing:
        why = report.failure or "the index knows no advisories"
        print(f"NOT AUDITED: no service of advisories answers here ({why}). Run `make audit` where one does.")
        return 1 if is_required else 0
    looked_at = accepted(ACCEPTED.read_text(), datetime.datetime.now(tz=datetime.UTC).date())
    open_ones = verdict(report, looked_at)
    print(f"{len(report.audited)} pins audited, {len(report.skipped)} unknown there, {len(open_ones)} with advisories.")
    for line in [*(f"unknown: {name}" for name in report.skipped), *open_ones]:
        print(f"  {line}")
    if open_ones:
        print("Take newer ones (`make lock UPGRADE=1`), or say in requirements/accepted-advisories.txt why not yet.")
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
