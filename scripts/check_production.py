"""Run Django's deployment checks against the production settings, in an environment like an installation's."""

import os
import subprocess
import sys

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "summit.settings.production",
    "SECRET_KEY": "checked-here-and-used-nowhere-2vN8qKz7RbXw4LmTfYpGdHsJc3A",
    "ALLOWED_HOSTS": "summit.example.org",
    "SUMMIT_BASE_URL": "https://summit.example.org",
}

if __name__ == "__main__":
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    sys.exit(subprocess.run(command, env={**os.environ, **ENVIRONMENT}, check=False).returncode)
