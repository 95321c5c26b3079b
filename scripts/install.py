"""Install into the running virtual environment what a hashed lock names, and check the system's libraries.

`python scripts/install.py base|production|test`. A stamp in the environment makes the next run instant.
"""

import ast
import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
STAMP = Path(sys.prefix) / "summit-installed"

# Each set contains those before it.
SETS = ("base", "production", "test")

# Shared libraries that WeasyPrint loads, and the Debian packages they come from.
PDF_LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
BROWSER_PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-liberation", "fonts-noto-color-emoji")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    wanted = sys.argv[1] if len(sys.argv) > 1 else "base"
    if wanted not in SETS:
        sys.exit(f"Unknown set of requirements {wanted!r}: one of {', '.join(SETS)}.")
    if not is_installed(wanted):
        install_requirements(wanted)
        STAMP.write_text(f"{wanted} {digest()}\n")
    check_pdf_libraries()
    if wanted == "test":
        check_browser()


def digest() -> str:
    """Of all the locks: a change in any may change any set."""
    return hashlib.sha256(b"".join((REQUIREMENTS / f"{name}.txt").read_bytes() for name in SETS)).hexdigest()


def is_installed(wanted: str) -> bool:
    try:
        installed, of = STAMP.read_text().split()
    except (FileNotFoundError, ValueError):
        return False
    return of == digest() and installed in SETS and SETS.index(installed) >= SETS.index(wanted)


def install_requirements(wanted: str) -> None:
    lock = REQUIREMENTS / f"{wanted}.txt"
    count = sum("==" in line for line in lock.read_text().splitlines())
    print(f"Installing {count} packages into .venv.", flush=True)
    if install_with_uv(lock):
        return
    print("Trying pip, which takes longer.", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", str(lock)], check=False).returncode != 0:
        sys.exit("The packages could not be installed: see above. Nothing outside .venv was changed.")


def install_with_uv(lock: Path) -> bool:
    """Install with uv, several times as fast as pip; False if that is not possible here."""
    uv = shutil.which("uv") or str(Path(sys.prefix) / "bin" / "uv")
    if not Path(uv).exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        own = [*pip, "--require-hashes", "-r", str(REQUIREMENTS / "uv.txt")]
        if subprocess.run(own, check=False, stderr=subprocess.DEVNULL).returncode != 0:
            return False
    command = [uv, "pip", "install", "--quiet", "--python", sys.executable]
    command += ["--require-hashes", "--no-deps", "-r", str(lock)]
    return subprocess.run(command, env=uv_environment(), check=False).returncode == 0


def uv_environment() -> dict[str, str]:
    """The environment that makes uv obey the machine's configuration of pip, which it does not read by itself."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    # One line for each option of each section; the environment's come last and win.
    options = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        options[name.rpartition(".")[2]] = str(ast.literal_eval(value))
    from_pip = {
        "UV_DEFAULT_INDEX": options.get("index-url"),
        "UV_INDEX": _spaced(options.get("extra-index-url")),
        "UV_FIND_LINKS": ",".join(options.get("find-links", "").split()),
        "UV_INSECURE_HOST": _spaced(options.get("trusted-host")),
        "UV_NO_INDEX": options.get("no-index"),
        "UV_HTTP_TIMEOUT": options.get("timeout") or options.get("default-timeout"),
        "SSL_CERT_FILE": options.get("cert"),
        "ALL_PROXY": options.get("proxy"),
        # Like pip: the best match of all indexes. The hashes decide what is accepted.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    return {**{name: value for name, value in from_pip.items() if value}, **os.environ}


def _spaced(value: str | None) -> str:
    return " ".join((value or "").split())


def check_pdf_libraries() -> None:
    missing = [package for library, package in PDF_LIBRARIES.items() if not _loads(library)]
    if missing and not install_from_debian(missing) and sys.platform == "linux":
        print(f"Briefings cannot be printed as PDF until these system packages are installed: {' '.join(missing)}.")


def check_browser() -> None:
    if os.environ.get("CHROMIUM") or any(shutil.which(name) for name in BROWSERS):
        return
    if not install_from_debian(BROWSER_PACKAGES):
        sys.exit("The tests need Chromium: install it (Debian's package is `chromium`), or name it in CHROMIUM.")


def install_from_debian(packages: tuple[str, ...] | list[str]) -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing system packages: {' '.join(packages)}.", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-qq"], install):
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            print(done.stdout + done.stderr)
            return False
    return True


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
