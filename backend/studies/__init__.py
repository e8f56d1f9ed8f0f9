"""Studies: a YAML file that says what is analysed, held, loaded and asked becomes a verdict with its evidence.

:func:`backend.studies.reading.read_study` validates the file, :mod:`.model` makes the solid and lists its faces,
:mod:`.selectors` finds the faces meant, :mod:`.requests` turns all into the plain data of :mod:`backend.physics.fem`,
:mod:`.verdict` holds the result against the limits, and :mod:`.outputs` writes what is handed over.
"""
