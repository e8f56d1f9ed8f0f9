"""BRICK OS: an operating system for hardware design."""

__version__ = "0.1.0"
