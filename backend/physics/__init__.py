"""Physics an engineer can sign: equations as data, constants with their standard, finite elements.

This package knows no web, no agents and no database; it could be published alone. Importing it is cheap.
"""
