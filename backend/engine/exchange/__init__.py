"""Files in and out: BREP, STEP, STL, glTF, OBJ, PLY, 3MF, DXF.

Three doors: ``export.export_shape`` writes files to a folder, ``exporting.export_files`` and ``importing.import_files``
answer the protocol's ``export`` and ``import_files`` commands in memory. Writers of meshes take plain arrays and need
no OCP; writers of exact shapes (``brep``, ``step``, ``outline``), the triangulation (``tessellate``) and importing do.
Importing this package costs nothing.
"""
