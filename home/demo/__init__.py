"""The demo summit: its people, its words and how they are loaded. Everything in it is invented."""
