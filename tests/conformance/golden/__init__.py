"""Golden files: what a dozen of our programs send, name and make. See :mod:`tests.conformance.golden.record`."""
