"""Shapes with known answers, and a worker process that builds and solves them."""
