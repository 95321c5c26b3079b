"""Keeping all that an installation holds, and bringing it back: `manage.py backup` and `manage.py restore`."""
