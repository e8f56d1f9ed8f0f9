"""The Materials Project as an optional source: computed properties of crystals, asked for over the network with a key.

What comes back is density-functional theory of perfect crystals at 0 K: elastic moduli and densities to a few percent,
no strengths, no alloys, no temper. It stands beside the library, never in it, and every value says "computed".

API: the ``materials/summary`` route of api.materialsproject.org (key in the header ``X-API-KEY``). A. Jain et al.,
APL Materials 1, 011002 (2013); data under CC BY 4.0.
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import SecretStr

from backend.errors import BrickError, InputError, NotFoundError

FIELDS = (
    "material_id,formula_pretty,density,symmetry,bulk_modulus,shear_modulus,homogeneous_poisson,energy_above_hull,"
    "band_gap,theoretical"
)
MAX_BYTES = 4_000_000
MAX_ROWS = 20
_FORMULA = re.compile(r"^(?:[A-Z][a-z]?\d{0,3}|[()]\d{0,3}){1,24}$")
_ID = re.compile(r"^(?:mp|mvc)-\d{1,9}$")


class SourceError(BrickError):
    """The Materials Project didn't answer, refused, or answered something else than its format."""

    code = "materials_project"
    exit_code = 2
    http_status = 502


@dataclass(frozen=True, slots=True)
class ComputedCrystal:
    """One crystal: moduli in MPa (Voigt-Reuss-Hill), density in kg/m3; None where the project has no value.

    ``youngs_modulus_mpa`` is 9 K G/(3 K + G) of an untextured polycrystal. ``energy_above_hull_ev`` is 0 for a stable
    phase; above about 0.1 it is unlikely to exist.
    """

    material_id: str
    formula: str
    density_kg_m3: float | None
    bulk_modulus_mpa: float | None
    shear_modulus_mpa: float | None
    youngs_modulus_mpa: float | None
    poisson_ratio: float | None
    energy_above_hull_ev: float | None
    band_gap_ev: float | None
    crystal_system: str
    basis: str = "computed"
    source: str = "Materials Project, density-functional theory at 0 K (CC BY 4.0)"

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self)


def look_up(
    formula: str, *, key: SecretStr | None = None, url: str | None = None, timeout_s: float | None = None
) -> list[ComputedCrystal]:
    """Crystals of a formula ("Al2O3") or with an id ("mp-1143"), the most stable first.

    ``key``, ``url`` and ``timeout_s`` are those of the settings unless given. Raises InputError without a key or for a
    text that is no formula, NotFoundError where the project has no such crystal, SourceError where it can't be asked.
    """
    from backend.config.settings import get_settings

    settings = get_settings()
    key = key or settings.materials_project_api_key
    text = formula.strip()
    if not (_FORMULA.match(text) or _ID.match(text)):
        raise InputError(
            f"{formula!r} is no chemical formula.",
            next_action='Write a formula such as "Al2O3" or an id such as "mp-1143".',
        )
    if key is None or not key.get_secret_value():
        raise InputError(
            "The Materials Project needs a key, and none is set, so nothing was asked.",
            next_action="Set MATERIALS_PROJECT_API_KEY (free, from next-gen.materialsproject.org), or use the library.",
            code="materials_project_key",
        )
    query = {"material_ids" if _ID.match(text) else "formula": text, "_fields": FIELDS, "_limit": str(MAX_ROWS)}
    base = (url or settings.materials_project_url).rstrip("/")
    rows = _ask(
        f"{base}/materials/summary/?{urllib.parse.urlencode(query)}",
        key,
        timeout_s or settings.materials_project_timeout_s,
    )
    found = sorted((_crystal(row) for row in rows), key=_stability)
    if not found:
        raise NotFoundError(f"The Materials Project has no crystal {text!r}.", next_action="Check the formula.")
    return found


def _ask(address: str, key: SecretStr, timeout_s: float) -> list[dict[str, Any]]:
    """The ``data`` of an answer. The key goes into a header only: no message, log or address holds it."""
    if not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise InputError(
            f"The address {address.split('?')[0]!r} isn't https.",
            next_action="Set MATERIALS_PROJECT_URL to an https address.",
        )
    request = urllib.request.Request(  # noqa: S310  the scheme is checked above
        address, headers={"X-API-KEY": key.get_secret_value(), "Accept": "application/json", "User-Agent": "brick-os"}
    )
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=timeout_s) as answer:
            raw = answer.read(MAX_BYTES + 1)
    except urllib.error.HTTPError as error:
        raise _refused(error.code) from None
    except TimeoutError:
        raise SourceError(
            f"The Materials Project didn't answer within {timeout_s:g} s.", next_action="Try again later."
        ) from None
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise SourceError(
                f"The Materials Project didn't answer within {timeout_s:g} s.", next_action="Try again later."
            ) from None
        raise SourceError(
            f"The Materials Project can't be reached: {type(reason).__name__}.",
            next_action="Check the network; everything else works without it.",
        ) from None
    if len(raw) > MAX_BYTES:
        raise SourceError("The Materials Project's answer is too long.", next_action="Ask for one formula or id.")
    try:
        data = json.loads(raw)["data"]
        if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise SourceError(
            "The Materials Project's answer isn't in its format.", next_action="Check MATERIALS_PROJECT_URL."
        ) from None
    return data


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could carry the key to another machine: it is an error instead."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _refused(status: int) -> BrickError:
    if status in (401, 403):
        return SourceError(
            f"The Materials Project refused the key (status {status}).",
            next_action="Check MATERIALS_PROJECT_API_KEY.",
            code="materials_project_key",
        )
    if status == 429:
        return SourceError(
            "The Materials Project says: too many requests.", next_action="Wait a minute, then try again."
        )
    return SourceError(f"The Materials Project answered with status {status}.", next_action="Try again later.")


def _crystal(row: dict[str, Any]) -> ComputedCrystal:
    bulk, shear = _gpa(row.get("bulk_modulus")), _gpa(row.get("shear_modulus"))
    young = None
    # Some stored moduli are failures of the calculation (negative or absurd); they are unknown then.
    if bulk is not None and shear is not None:
        young = 9 * bulk * shear / (3 * bulk + shear)
    density = _number(row.get("density"))
    symmetry = row.get("symmetry")
    return ComputedCrystal(
        material_id=str(row.get("material_id", "")), formula=str(row.get("formula_pretty", "")),
        density_kg_m3=None if density is None else density * 1000.0, bulk_modulus_mpa=bulk, shear_modulus_mpa=shear,
        youngs_modulus_mpa=young, poisson_ratio=_number(row.get("homogeneous_poisson")),
        energy_above_hull_ev=_number(row.get("energy_above_hull")), band_gap_ev=_number(row.get("band_gap")),
        crystal_system=str(symmetry.get("crystal_system", "")) if isinstance(symmetry, dict) else "",
    )  # fmt: skip


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _gpa(value: Any) -> float | None:
    """The Hill average of a modulus in MPa, from GPa; None where it is missing or impossible."""
    found = _number(value.get("vrh") if isinstance(value, dict) else value)
    return found * 1000.0 if found is not None and 0 < found < 2000 else None


def _stability(crystal: ComputedCrystal) -> tuple[float, str]:
    hull = crystal.energy_above_hull_ev
    return (hull if hull is not None else 1e9, crystal.material_id)
