"""Foreign CAD files measured and converted over HTTP, as clients of the public API ask for it.

``POST /file/{volume,mass,density,surface-area,center-of-mass}?src_format=…`` and
``POST /file/conversion/{src_format}/{output_format}``, the file as the body. Done at once, in a worker of its own.
"""

from __future__ import annotations

import base64
import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from backend.engine.errors import EngineError
from backend.errors import BrickError, InputError
from backend.modeling_api.limits import Limits
from backend.modeling_api.workers import Workers

JOB = "backend.engine.protocol.remote:file_job"
MAX_BYTES = 256 * 2**20
MEASURES: dict[str, tuple[str, Mapping[str, str]]] = {
    # path -> the command, and its fields with their defaults in the query
    "volume": ("volume", {"output_unit": "m3"}),
    "surface-area": ("surface_area", {"output_unit": "m2"}),
    "center-of-mass": ("center_of_mass", {"output_unit": "m"}),
    "mass": ("mass", {"output_unit": "g", "material_density_unit": "kg:m3", "material_density": ""}),
    "density": ("density", {"output_unit": "kg:m3", "material_mass_unit": "g", "material_mass": ""}),
}
OUTPUTS: dict[str, dict[str, Any]] = {
    "step": {"type": "step"},
    "stl": {"type": "stl", "storage": "binary"},
    "obj": {"type": "obj"},
    "ply": {"type": "ply", "storage": "binary_little_endian"},
    "glb": {"type": "gltf", "storage": "binary"},
    "gltf": {"type": "gltf", "storage": "embedded"},
    "3mf": {"type": "3mf"},
    "dxf": {"type": "dxf"},
}
_NUMBERS = ("material_density", "material_mass")


async def measure(request: Request, workers: Workers, limits: Limits) -> dict[str, Any]:
    """The answer to a measure of a file. Raises :class:`BrickError` or :class:`EngineError`."""
    what = str(request.path_params["what"])
    if what not in MEASURES:
        raise InputError(f"{what!r} is not measured.", next_action=f"Ask for one of {', '.join(MEASURES)}.")
    name, defaults = MEASURES[what]
    cmd: dict[str, Any] = {"type": name, "entity_ids": []}
    for field, default in defaults.items():
        given = request.query_params.get(field, default)
        cmd[field] = _number(field, given) if field in _NUMBERS else given
    kind = request.query_params.get("src_format", "")
    found = await _job(request, kind, cmd, workers, limits)
    told = {field: value for field, value in cmd.items() if field not in ("type", "entity_ids")}
    return {**_envelope(kind), **told, **found}


async def convert(request: Request, workers: Workers, limits: Limits) -> dict[str, Any]:
    """The answer to a conversion: ``outputs`` {name: base64}. Raises :class:`BrickError` or :class:`EngineError`."""
    kind, wanted = str(request.path_params["src_format"]), str(request.path_params["output_format"])
    if wanted not in OUTPUTS:
        raise InputError(
            f"files can't be converted to {wanted!r}.", next_action=f"Ask for one of {', '.join(OUTPUTS)}."
        )
    cmd = {"type": "export", "entity_ids": [], "format": OUTPUTS[wanted]}
    found = await _job(request, kind, cmd, workers, limits)
    outputs = {file["name"]: base64.b64encode(file["contents"]).decode() for file in found["files"]}
    return {**_envelope(kind), "output_format": wanted, "outputs": outputs}


async def _job(request: Request, kind: str, cmd: dict[str, Any], workers: Workers, limits: Limits) -> dict[str, Any]:
    if not kind:
        raise InputError("the format of the file is not told.", next_action="Add ?src_format=step (or stl, obj, …).")
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BYTES:
            raise InputError(f"the file is larger than {MAX_BYTES} bytes.", next_action="Send a smaller one.")
    job = {"data": bytes(data), "format": kind.lower(), "cmd": cmd}
    async with workers.lease() as lease:
        try:
            found: dict[str, Any] = await lease.run(JOB, job, timeout_s=limits.timeout_s, memory_mb=limits.memory_mb)
        except EngineError as error:
            failed: Exception = error
        except BrickError as error:
            if error.code.startswith("task_") and error.code != "task_failed":
                raise
            failed = error
        else:
            return found
    raise failed


def _number(field: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{field} = {text!r} is not a number.", next_action=f"Add ?{field}=NUMBER.") from None


def _envelope(kind: str) -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC).isoformat()
    return {
        "id": str(uuid.uuid4()),
        "user_id": str(uuid.UUID(int=0)),
        "status": "completed",
        "src_format": kind,
        "created_at": now,
        "started_at": now,
        "completed_at": now,
        "updated_at": now,
    }
