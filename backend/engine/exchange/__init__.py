"""Files in and out: BREP, STEP, STL, glTF, OBJ, PLY, 3MF, DXF.

Writers of meshes take plain arrays and need no OCP; writers of exact shapes (``brep``, ``step``) and the
triangulation (``tessellate``) do. Importing this package costs nothing.
"""
