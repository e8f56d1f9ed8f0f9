"""Helpers of this domain that a plain expression can't say."""
