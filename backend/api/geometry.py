"""Models and other artefacts, by content."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse

from backend.api.services import Services, Use
from backend.errors import NotFoundError
from backend.geometry.inspection import PREFIX

router = APIRouter(tags=["geometry"])

MEDIA = {
    ".glb": "model/gltf-binary",
    ".stl": "model/stl",
    ".step": "model/step",
    ".kcl": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".npz": "application/octet-stream",
}


def _file(services: Services, artifact_id: str) -> FileResponse:
    path = services.artifacts.path(artifact_id)
    name = str(services.artifacts.about(artifact_id).get("name") or artifact_id)
    suffix = name[name.rfind(".") :] if "." in name else ""
    return FileResponse(
        path,
        media_type=MEDIA.get(suffix, "application/octet-stream"),
        filename=name,
        content_disposition_type="inline",
        headers={
            "ETag": f'"{artifact_id}"',
            "Cache-Control": "private, max-age=31536000, immutable",  # named by content: it can never change
            "X-Content-Type-Options": "nosniff",
            # A report is a page of ours, but what it says came from a brief: it may run nothing and load nothing.
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
        },
    )


@router.get("/api/geometry/model/{model_id}")
async def get_model(model_id: str, services: Use) -> FileResponse:
    """The GLB of a model: metres, Y up, with the stress as a vertex attribute where it was solved."""
    if model_id.startswith(PREFIX):
        return FileResponse(services.inspector.file(model_id, "glb"), media_type=MEDIA[".glb"], filename="model.glb")
    name = str(services.artifacts.about(model_id).get("name", ""))
    if not name.endswith(".glb"):
        raise NotFoundError(f"artefact {model_id} is not a model", next_action="Use the 'model_id' of a project.")
    return _file(services, model_id)


@router.get("/api/artifacts/{artifact_id}")
async def get_artifact(artifact_id: str, services: Use) -> FileResponse:
    """Any artefact: STEP, STL, bill of materials, report, KCL."""
    return _file(services, artifact_id)
