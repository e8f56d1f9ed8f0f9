"""Geometry on OpenCASCADE: shapes in, shapes and their history out. Knows nothing of the protocol."""
