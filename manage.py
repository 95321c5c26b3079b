#!/usr/bin/env python
"""Django's command-line entry point for Summit."""

import os
import sys

if __name__ == "__main__":
    # Files of variables have empty ones.
    if not os.environ.get("DJANGO_SETTINGS_MODULE", "").strip():
        os.environ["DJANGO_SETTINGS_MODULE"] = "summit.settings.dev"
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        # Ctrl-C while it starts is a stop, not a fault. 130 is what shells expect of a command stopped so.
        sys.exit(130)
