"""The HTTP interface: one router a resource, with no logic of its own."""
