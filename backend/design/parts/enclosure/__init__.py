"""The enclosure family."""
