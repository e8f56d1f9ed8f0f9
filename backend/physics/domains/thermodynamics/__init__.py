"""Equations as data, and the helpers that a plain expression can't say."""
