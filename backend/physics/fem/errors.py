"""What can go wrong in a finite-element study, as types."""

from __future__ import annotations

from backend.physics.errors import PhysicsError


class StudyError(PhysicsError):
    """The study can't be used as it stands: a missing or impossible value."""

    code = "fem_bad_study"


class UnknownFaceError(StudyError):
    """A support, load or region names a face that the model doesn't have."""

    code = "fem_unknown_face"


class UnknownSolidError(StudyError):
    """The study names a solid that the model doesn't have, or doesn't say which of several is meant."""

    code = "fem_unknown_solid"


class RigidBodyMotionError(PhysicsError):
    """The supports leave the part free to move as a rigid body."""

    code = "fem_rigid_body_motion"


class ContradictionError(PhysicsError):
    """Two supports prescribe different displacements, or two conditions different temperatures, of one place."""

    code = "fem_contradictory_supports"


class MeshError(PhysicsError):
    """The B-rep couldn't be read or meshed."""

    code = "fem_mesh_failed"


class TooLargeError(PhysicsError):
    """The mesh needs more unknowns than the study allows."""

    code = "fem_too_large"


class SolveError(PhysicsError):
    """The equations were assembled but their solution isn't usable."""

    code = "fem_solve_failed"


class NotLaminarError(StudyError):
    """The flow asked for is beyond what a steady laminar solution can describe."""

    code = "fem_not_laminar"
