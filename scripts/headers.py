"""`make headers`: MDN's HTTP Observatory grades a whole installation behind its proxy. Needs npm, Node 20, nginx."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.installation import Installation, Missing

ROOT = Path(__file__).resolve().parent.parent
SCANNER = "@mdn/mdn-http-observatory@1.4.8"
FOLDER = ROOT / "var" / "observatory"
PAGES = ("/", "/people/", "/search/?q=boat", "/join/", "/accounts/login/", "/my-data/", "/privacy/", "/accessibility/")


def install() -> None:
    package = FOLDER / "node_modules" / "@mdn" / "mdn-http-observatory"
    if not package.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        # Without its scripts, which fetch the list of hosts that browsers know to be encrypted. Ours is on no list.
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional", SCANNER]
        subprocess.run(command, cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)
    (package / "conf" / "hsts-preload.json").write_text("{}")


def grade(installation: Installation, path: str) -> dict[str, object]:
    ports = (str(installation.port), str(installation.plain_port))
    done = subprocess.run(
        ["node", str(ROOT / "scripts" / "observatory.mjs"), str(FOLDER), *ports, path],
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(installation.certificate)},
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"The scanner failed:\n{done.stderr}")
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    if not (shutil.which("npm") and shutil.which("node")):
        sys.exit("npm and node are not here: install them (Debian: `apt-get install npm`), then try again.")
    install()
    worst = 1000
    try:
        with Installation(2) as installation:
            for path in PAGES:
                found = grade(installation, path)
                failed = [name for name, test in found["tests"].items() if not test["pass"]]  # type: ignore[attr-defined]
                print(f"{found['grade']:>3} {found['score']:>4}  {path}  {', '.join(failed)}", flush=True)
                worst = min(worst, int(str(found["score"])))
    except (Missing, RuntimeError) as missing:
        sys.exit(str(missing))
    if worst < 100:
        sys.exit("Not every page is graded A+ (100).")


if __name__ == "__main__":
    main()
