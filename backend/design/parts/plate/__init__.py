"""The plate family."""
