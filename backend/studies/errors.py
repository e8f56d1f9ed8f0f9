"""What can be wrong with a study, in words a person can act on."""

from __future__ import annotations

from backend.errors import InputError


class StudyFileError(InputError):
    """The study file can't be used as it stands; ``details["problems"]`` lists each place."""

    code = "study_file"


class FaceSelectionError(InputError):
    """A selector finds no face, or names one that the model doesn't have."""

    code = "study_faces"


class ModelError(InputError):
    """The study's model is no solid that can be analysed."""

    code = "study_model"
