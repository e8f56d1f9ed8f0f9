"""What a session holds: planes, paths, regions, bodies, helices, annotations, each under its id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from OCP.gp import gp_Trsf

from backend.engine.errors import EngineError
from backend.engine.ids import derive
from backend.engine.kernel import shapes
from backend.engine.kernel.frames import Frame
from backend.engine.kernel.shapes import ShapeMap


@dataclass
class Plane:
    """A plane to sketch on; ``size`` is only how large it is drawn."""

    id: str
    frame: Frame
    hidden: bool = False


@dataclass
class Segment:
    """One segment of a path: its id (chosen by the client) and its edge in world coordinates."""

    id: str
    edge: Any


@dataclass
class Path:
    """A path drawn on a plane or a face, or a curve in space (helix).

    ``contours`` are runs of connected segments; a pen move starts a new one. ``pen``, ``start`` and ``heading`` are in
    the frame's coordinates.
    """

    id: str
    frame: Frame
    face: tuple[Body, str] | None = None  # the face it was drawn on
    contours: list[list[Segment]] = field(default_factory=list)
    vertices: list[Any] = field(default_factory=list)  # vertices of the current contour's start and pen
    ends: dict[tuple[int, ...], Any] = field(default_factory=dict)  # cell of space -> place and vertex of an end there
    pen: tuple[float, float, float] = (0.0, 0.0, 0.0)
    start: tuple[float, float, float] = (0.0, 0.0, 0.0)
    heading: tuple[float, float] | None = None
    closed: bool = False
    holes: list[Path] = field(default_factory=list)
    hidden: bool = False
    plane_id: str | None = None
    placement: Any = field(default_factory=gp_Trsf)  # where the sketch's own frame has been moved

    @property
    def segments(self) -> list[Segment]:
        return [segment for contour in self.contours for segment in contour]


@dataclass
class Region:
    """A closed region of a sketch: one planar face, and the segment that each of its edges comes from."""

    id: str
    frame: Frame
    face: tuple[Body, str] | None
    shape: Any
    edges: list[Segment]
    hidden: bool = False
    holes: list[Path] = field(default_factory=list)
    placement: Any = field(default_factory=gp_Trsf)


@dataclass
class Wall:
    """How a profile edge swept: the face it made and the ids of the edges around that face."""

    segment_id: str
    face_id: str | None
    opposite_id: str | None = None
    next_id: str | None = None
    previous_id: str | None = None


@dataclass
class Sweep:
    """One sweeping operation of a body: what the face queries answer from."""

    id: str  # of the command
    walls: list[Wall]
    start_cap: str | None = None
    end_cap: str | None = None
    direction: Any | None = None  # gp_Dir of the sweep at the start


@dataclass
class Body:
    """A solid or surface body: an OCCT shape, and the ids of its faces and edges.

    One id can name several faces (a cut divided it) and several ids one face (an operation merged them).
    """

    id: str
    shape: Any
    kind: str = "solid"  # or "surface"
    faces: dict[str, list[Any]] = field(default_factory=dict)
    edges: dict[str, list[Any]] = field(default_factory=dict)
    frames: dict[str, Frame] = field(default_factory=dict)
    sweeps: list[Sweep] = field(default_factory=list)
    origin: Frame | None = None
    hidden: bool = False
    name: str = ""
    color: tuple[float, float, float, float] | None = None
    material: dict[str, float] = field(default_factory=dict)
    placement: Any = field(default_factory=gp_Trsf)  # where the body's own frame has been moved since it was made
    copies: dict[str, str] = field(default_factory=dict)  # id of the original's part -> id of the copy's
    _face_ids: ShapeMap[str] | None = None
    _edge_ids: ShapeMap[str] | None = None
    _edge_faces: shapes.EdgeFaces | None = None

    def set_shape(self, shape: Any, faces: dict[str, list[Any]], edges: dict[str, list[Any]]) -> None:
        """Replaces the shape together with the ids that survive on it."""
        self.shape, self.faces, self.edges = shape, faces, edges
        self._face_ids = self._edge_ids = self._edge_faces = None

    def edge_faces(self) -> shapes.EdgeFaces:
        if self._edge_faces is None:
            self._edge_faces = shapes.edge_faces(self.shape)
        return self._edge_faces

    def name_face(self, face_id: str, face: Any) -> None:
        self.faces.setdefault(face_id, []).append(face)
        if self._face_ids is not None:
            self._face_ids.setdefault(face, face_id)

    def name_edge(self, edge_id: str, edge: Any) -> None:
        self.edges.setdefault(edge_id, []).append(edge)
        if self._edge_ids is not None:
            self._edge_ids.setdefault(edge, edge_id)

    def face_id(self, face: Any) -> str:
        """The id of a face; one without an id gets one from its place in the body."""
        if self._face_ids is None:
            self._face_ids = ShapeMap()
            for known_id, known in self.faces.items():
                for item in known:
                    self._face_ids.setdefault(item, known_id)
        known_face = self._face_ids.get(face)
        if known_face is not None:
            return known_face
        position = next((i for i, item in enumerate(shapes.faces(self.shape)) if item.IsSame(face)), None)
        if position is None:
            raise EngineError("the face does not belong to the body", code="internal_engine")
        new_id = derive(self.id, "face", position, len(self.faces))
        self.name_face(new_id, face)
        return new_id

    def edge_id(self, edge: Any) -> str:
        """The id of an edge; one without an id is named by its two faces and its place among their common edges."""
        if self._edge_ids is None:
            self._edge_ids = ShapeMap()
            for known_id, known in self.edges.items():
                for item in known:
                    self._edge_ids.setdefault(item, known_id)
        known_edge = self._edge_ids.get(edge)
        if known_edge is not None:
            return known_edge
        sides = sorted(self.face_id(face) for face in self.edge_faces().get(edge) or [])
        count = 0
        while (new_id := derive(self.id, "edge", *sides, count)) in self.edges:
            count += 1
        self.name_edge(new_id, edge)
        return new_id

    def name_all(self) -> None:
        """Gives every face and edge an id."""
        for face in shapes.faces(self.shape):
            self.face_id(face)
        for edge in shapes.edges(self.shape):
            if not shapes.is_degenerate(edge):
                self.edge_id(edge)


@dataclass
class Annotation:
    """A GD&T annotation on a face or an edge: its name, text and the protocol's own control frame."""

    id: str
    entity_id: str | None
    name: str = ""
    text: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Collection:
    """Several bodies under one id (an import of several solids)."""

    id: str
    bodies: list[Body]


Entity: TypeAlias = Plane | Path | Region | Body | Collection


class Scene:
    """All entities of one session. Bodies keep the order in which they were made."""

    def __init__(self) -> None:
        self.planes: dict[str, Plane] = {}
        self.paths: dict[str, Path] = {}
        self.regions: dict[str, Region] = {}
        self.bodies: list[Body] = []
        self.aliases: dict[str, Body] = {}  # ids that mean a body: its own, the profile's, the command's
        self.owners: dict[str, Body] = {}  # face id or edge id -> body
        self.annotations: list[Annotation] = []
        self.sketch_on: tuple[Frame, tuple[Body, str] | None, str] | None = None
        self.commands = 0
        self.occt_s = 0.0
        self.unit = "mm"  # the program's default length unit: that of the tolerances in annotations
        self.camera: Any | None = None
        self.selected: list[str] = []
        self.drawn: dict[str, str] = {}  # side of a region named as in V0 -> the side drawn by the segment of that name
        self.remarks: list[str] = []  # what a client should know of commands that were carried out otherwise
        self.own_files: frozenset[str] | None = None  # SHA-256 of the files that may be imported; None: any

    # --- bodies -----------------------------------------------------------------------------------------------

    def add_body(self, body: Body, *aliases: str) -> Body:
        self.bodies.append(body)
        for alias in (body.id, *aliases):
            self.aliases[alias] = body
        self.claim(body)
        return body

    def claim(self, body: Body) -> None:
        """Makes the body the owner of its faces and edges."""
        for entity_id in (*body.faces, *body.edges):
            self.owners[entity_id] = body

    def remove_body(self, body: Body, successor: Body | None = None) -> None:
        """Takes a consumed body out; ids that meant it mean its successor."""
        self.bodies = [item for item in self.bodies if item is not body]
        for alias, owner in list(self.aliases.items()):
            if owner is body:
                if successor is not None:
                    self.aliases[alias] = successor
                else:
                    del self.aliases[alias]
        for entity_id, owner in list(self.owners.items()):
            if owner is body:
                if successor is not None:
                    self.owners[entity_id] = successor
                else:
                    del self.owners[entity_id]

    def body(self, entity_id: str) -> Body:
        """The body that an id means: its own id, that of the profile it was swept from, or of one of its parts."""
        found = self.aliases.get(entity_id) or self.owners.get(entity_id)
        if found is None:
            raise EngineError(f"there is no body with id {entity_id}")
        return found

    def face(self, face_id: str, within: Body | None = None) -> tuple[Body, list[Any]]:
        """The body and the present faces of a face id."""
        body = self.owners.get(face_id)
        if within is not None:
            face_id = within.copies.get(face_id, face_id)
            body = within if within.faces.get(face_id) else self.owners.get(face_id)
        found = body.faces.get(face_id) if body is not None else None
        if body is None or not found:
            raise EngineError(f"there is no face with id {face_id}; an earlier operation may have removed it")
        return body, found

    def edge(self, edge_id: str, body: Body | None = None) -> tuple[Body, list[Any]]:
        """The body and the present edges of an edge id."""
        if body is not None:
            edge_id = body.copies.get(edge_id, edge_id)
        owner = body if body is not None and edge_id in body.edges else self.owners.get(edge_id)
        found = owner.edges.get(edge_id) if owner is not None else None
        if owner is None or not found:
            raise EngineError(f"there is no edge with id {edge_id}; an earlier operation may have removed it")
        return owner, found

    def profile(self, entity_id: str) -> Path | Region:
        found = self.regions.get(entity_id) or self.paths.get(entity_id)
        if found is None:
            raise EngineError(f"there is no sketch, profile or region with id {entity_id}")
        return found

    def frame_of(self, entity_id: str) -> Frame | None:
        plane = self.planes.get(entity_id)
        return plane.frame if plane is not None else None

    def visible_bodies(self) -> list[Body]:
        return [body for body in self.bodies if not body.hidden]
