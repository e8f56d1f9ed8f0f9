"""The physics kernel: named equations and constants, calculated with units, sources and validity.

>>> get_physics_kernel().calculate(domain="structures", equation="stress", force_n=100, area_mm2=100)["stress_mpa"]
1.0

Domains are loaded from ``domains/<domain>/*.yaml`` when first asked for; nothing heavy is imported on the way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from backend.physics.equation import Equation, Quantity, read_equation
from backend.physics.errors import BadData, BadQuantity, OutOfValidity, PhysicsError, UnknownEquation
from backend.physics.result import CalculationResult
from backend.physics.units import UNITS, dimension_text, parse_suffix, split_key, suffixes_of

_ROOT = Path(__file__).parent / "domains"
KELVIN = UNITS["k"].dimension


def _parse_yaml(text: str) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, Loader=loader)  # noqa: S506  a safe loader either way


class PhysicsKernel:
    """Equations and constants by name. One instance serves a process; it holds no state but loaded data."""

    def __init__(self, root: Path = _ROOT) -> None:
        self._root = root
        self._domains: dict[str, dict[str, Equation]] = {}
        self._equations: dict[tuple[str, str], Equation] = {}
        self._documents: dict[Path, dict[str, Any]] = {}
        self._texts: dict[Path, str] = {}
        self._constants: dict[str, Any] | None = None

    # -- equations -------------------------------------------------------------------------------------------------

    def domains(self) -> Sequence[str]:
        """Names of all domains."""
        return sorted(path.name for path in self._root.iterdir() if path.is_dir() and any(path.glob("*.yaml")))

    def list(self, domain: str | None = None) -> Sequence[Equation]:
        """All equations, or those of one domain, in file order."""
        return [equation for name in ([domain] if domain else self.domains()) for equation in self._load(name).values()]

    def describe(self, domain: str, equation: str) -> Equation:
        """One equation with its quantities, source and validity. Raises UnknownEquation with suggestions."""
        found = self._find(domain, equation)
        if found is not None:
            return found
        table = self._load(domain)
        for candidate in table.values():
            if equation in candidate.aliases:
                return candidate
        near = get_close_matches(equation, table, n=4, cutoff=0.4)
        raise UnknownEquation(
            f"There is no equation {equation!r} in domain {domain!r}.",
            f"Did you mean {' or '.join(near)}?" if near else f"See `./brick physics list {domain}`.",
            domain=domain,
            equation=equation,
        )

    def search(self, text: str) -> Sequence[Equation]:
        """Equations that have every word of ``text``, the likeliest first: in domain, name or title, then in
        keywords, in the topic, in the quantities. Whole words count ("heat" isn't in "wheatstone"); where no equation
        has them all, the beginnings of words do.
        """
        words = [_singular(word) for word in _WORD.findall(text.lower())]
        equations = self.list()
        for begins in (False, True):
            ranked = [(rank, e) for e in equations if (rank := _rank(e, words, begins)) is not None]
            if ranked:
                break
        return [equation for _, equation in sorted(ranked, key=lambda row: row[0])]

    def calculate(
        self,
        domain: str,
        equation: str,
        *,
        uncertainty_rel: Mapping[str, float] | None = None,
        **quantities: float | str,
    ) -> CalculationResult:
        """Evaluate an equation with unit-suffixed quantities.

        A key is the declared one (``force_n``) or the same name with another suffix of the same dimension
        (``force_lbf``); a text is one of the quantity's words (``shaft_letter="g"``). ``uncertainty_rel`` gives
        relative standard uncertainties of inputs by key, to be propagated. Raises UnknownEquation, BadQuantity
        (missing, unknown, not finite, wrong dimension, out of bounds), OutOfValidity.
        """
        for name, text in (("domain", domain), ("equation", equation)):
            if not isinstance(text, str):
                raise UnknownEquation(f"{name} is {text!r}; expected a name.", "See `./brick physics list`.")
        spec = self.describe(domain, equation)
        values, assumed = self._bind(spec, quantities)
        try:
            outputs = spec.evaluate(*values)
        except PhysicsError:
            raise
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            self._refuse_invalid(spec, values)
            raise OutOfValidity(
                f"{spec.name} has no value for {self._given(spec, values)}: {error}.",
                "Check the quantities and their units.",
            ) from error
        if any(isinstance(value, complex) for value in outputs):  # a root of a negative number
            self._refuse_invalid(spec, values)
            raise OutOfValidity(
                f"{spec.name} has no real value for {self._given(spec, values)}.",
                "Check the quantities and their units.",
            )
        truths: tuple[bool, ...] = ()
        if spec.check is not None:
            truths = tuple(bool(truth) for truth in spec.check(*values, *outputs))
            for rule, held in zip(spec.validity, truths, strict=True):
                if rule.hard and not held:
                    raise OutOfValidity(
                        f"{spec.name} doesn't hold here: {rule.message} Given {self._given(spec, values)}.",
                        f"The condition is: {rule.text}. Use another equation or other values.",
                        equation=spec.name,
                        condition=rule.text,
                    )
        if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in outputs):
            raise OutOfValidity(
                f"{spec.name} has no finite value for {self._given(spec, values)}.",
                "Check the quantities and their units.",
            )
        return CalculationResult(spec, values, outputs, assumed, truths, self._uncertain(spec, uncertainty_rel))

    # -- constants -------------------------------------------------------------------------------------------------

    def get_constant(self, name: str, *, body: str | None = None) -> float:
        """A constant in SI. ``g`` is standard gravity unless ``body`` names another ('mars', 'moon', …)."""
        return float(self.describe_constant(name, body=body)["value"])

    def describe_constant(self, name: str, *, body: str | None = None) -> dict[str, Any]:
        """Value, unit, relative uncertainty, source and, for ``g``, the body. Raises UnknownEquation."""
        table = self.constants()
        key = name if name in table else next((k for k, v in table.items() if name in v.get("aliases", ())), None)
        if key is None:
            near = get_close_matches(name, table, n=4, cutoff=0.3)
            raise UnknownEquation(f"There is no constant {name!r}.", f"Known: {', '.join(near or sorted(table))}.")
        entry = dict(table[key])
        bodies: dict[str, Any] = entry.pop("bodies", {})
        if body is None or body.lower() == "standard":
            return {"name": key, **entry}
        if body.lower() not in bodies:
            raise UnknownEquation(
                f"The constant {name!r} is not known for {body!r}.",
                f"Known: standard, {', '.join(bodies)}." if bodies else "It depends on no body.",
            )
        return {"name": key, "unit": entry["unit"], "body": body.lower(), **bodies[body.lower()]}

    def constants(self) -> dict[str, Any]:
        """All constants as loaded from ``constants.yaml``."""
        if self._constants is None:
            self._constants = _parse_yaml(self._text(self._root / "constants.yaml"))["constants"]
        return self._constants

    # -- inside ----------------------------------------------------------------------------------------------------

    def _load(self, domain: str) -> dict[str, Equation]:
        """All equations of a domain, read and checked."""
        if domain in self._domains:
            return self._domains[domain]
        table: dict[str, Equation] = {}
        for file in self._files(domain):
            for name in self._document(domain, file).get("equations", {}):
                if name in table:
                    raise BadData(f"{file.name}: {domain}.{name} is defined twice.", "Rename one.")
                table[name] = self._read(domain, file, name)
        self._domains[domain] = table
        return table

    def _find(self, domain: str, equation: str) -> Equation | None:
        """One equation without reading its whole domain: a first calculation must not cost a hundred others."""
        if domain in self._domains:
            return self._domains[domain].get(equation)
        if (domain, equation) in self._equations:
            return self._equations[domain, equation]
        for file in self._files(domain):
            if f"\n  {equation}:\n" in self._text(file) and equation in self._document(domain, file)["equations"]:
                return self._read(domain, file, equation)
        return None

    def _files(self, domain: str) -> Sequence[Path]:
        files = sorted((self._root / domain).glob("*.yaml")) if domain.isidentifier() else []
        if not files:
            near = get_close_matches(domain, self.domains(), n=3, cutoff=0.4)
            raise UnknownEquation(
                f"There is no physics domain {domain!r}.",
                f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(self.domains())}.",
            )
        return files

    def _text(self, file: Path) -> str:
        if file not in self._texts:
            self._texts[file] = file.read_text(encoding="utf-8")
        return self._texts[file]

    def _document(self, domain: str, file: Path) -> dict[str, Any]:
        if file not in self._documents:
            document = _parse_yaml(self._text(file))
            if document.get("domain") != domain:
                raise BadData(f"{file.name} says domain {document.get('domain')!r} but lies in {domain!r}.", "Mend it.")
            self._documents[file] = document
        return self._documents[file]

    def _read(self, domain: str, file: Path, name: str) -> Equation:
        if (domain, name) not in self._equations:
            document = self._document(domain, file)
            self._equations[domain, name] = read_equation(
                document, name, f"{domain}/{file.name}", self._constant_reference
            )
        return self._equations[domain, name]

    def _constant_reference(self, reference: str) -> float:
        name, _, body = reference.partition("@")
        return self.get_constant(name, body=body or None)

    def _uncertain(self, spec: Equation, given: Mapping[str, float] | None) -> dict[str, float]:
        """Relative uncertainties by declared key."""
        advice = "Give relative standard uncertainties by key, 0 or more: {'force_n': 0.05}."
        if given is not None and not isinstance(given, Mapping):
            raise BadQuantity(f"uncertainty_rel is {given!r}; expected a mapping.", advice)
        uncertain = {}
        for key, value in (given or {}).items():
            number = _number(f"uncertainty of {key}", value)
            if number < 0:
                raise BadQuantity(f"Uncertainty of {key!r} is {value!r}.", advice)
            uncertain[self._declared(spec, key)[0].key] = number
        return uncertain

    def _bind(self, spec: Equation, quantities: Mapping[str, float | str]) -> tuple[tuple[float, ...], tuple[str, ...]]:
        given: dict[str, float] = {}
        for key, value in quantities.items():
            quantity, unit = self._declared(spec, key)
            number = _number(key, _meant(quantity, value))
            si = unit.to_si(number, difference=quantity.difference)
            if quantity.name in given:
                raise BadQuantity(
                    f"{spec.name} was given {quantity.name!r} twice ({key!r} and another).", "Give each quantity once."
                )
            if si < 0 and quantity.unit.dimension == KELVIN and not quantity.difference:
                raise BadQuantity(
                    f"{spec.name}: {key} = {value:g} is below absolute zero.", "Correct the value or its unit."
                )
            _check_bounds(spec, quantity, si, key)
            given[quantity.name] = si
        values, assumed, missing = [], [], []
        for quantity in spec.inputs:
            if quantity.name in given:
                values.append(given[quantity.name])
            elif quantity.default is not None:
                values.append(quantity.to_si(quantity.default))
                assumed.append(quantity.key)
            else:
                missing.append(quantity)
        if missing:
            raise BadQuantity(
                f"{spec.name} needs {', '.join(f'{q.key} ({q.meaning})' for q in missing)}.",
                f"All inputs: {', '.join(q.key + ('' if q.default is None else ' (optional)') for q in spec.inputs)}.",
                missing=[q.key for q in missing],
            )
        return tuple(values), tuple(assumed)

    def _declared(self, spec: Equation, key: str) -> tuple[Quantity, Any]:
        """The declared quantity that ``key`` means, with the unit of its suffix."""
        if key in spec.input_by_key:
            quantity = spec.input_by_key[key]
            return quantity, quantity.unit
        called = [(name, q) for q in spec.inputs for name in (q.name, *q.also)]
        for name, quantity in sorted(called, key=lambda row: -len(row[0])):
            if not key.startswith(name + "_"):
                continue
            unit = parse_suffix(key[len(name) + 1 :])
            if unit is None:
                continue
            if unit.dimension == quantity.unit.dimension:
                return quantity, unit
            others = ", ".join(suffixes_of(quantity.unit.dimension)[:12])
            raise BadQuantity(
                f"{spec.name}: {key!r} is in {unit.label} ({dimension_text(unit.dimension)}), but {quantity.name!r} is "
                f"{dimension_text(quantity.unit.dimension)}.",
                f"Use {quantity.key}, or {quantity.name}_ with one of: {others}.",
            )
        name, unit = split_key(key)
        if name in spec.input_by_name and not unit.label and spec.input_by_name[name].unit.label:
            quantity = spec.input_by_name[name]
            raise BadQuantity(
                f"{spec.name}: {key!r} has no unit.", f"Say the unit in the name, for example {quantity.key}."
            )
        near = get_close_matches(key, [*spec.input_by_key, *spec.input_by_name], n=2, cutoff=0.5)
        suggestion = [spec.input_by_name[n].key if n in spec.input_by_name else n for n in near]
        raise BadQuantity(
            f"{spec.name} has no input {key!r}.",
            (f"Did you mean {' or '.join(dict.fromkeys(suggestion))}? " if suggestion else "")
            + f"Its inputs are {', '.join(spec.input_by_key)}.",
            unknown=key,
        )

    def _given(self, spec: Equation, values: tuple[float, ...]) -> str:
        return ", ".join(f"{q.key} = {q.from_si(value):.6g}" for q, value in zip(spec.inputs, values, strict=True))

    def _refuse_invalid(self, spec: Equation, values: tuple[float, ...]) -> None:
        """When evaluation itself failed, say which validity condition on the inputs explains it, if one does."""
        from backend.physics.expression import compile_block, names

        arguments = [q.name for q in spec.inputs]
        for rule in spec.validity:
            if rule.hard and names(rule.text, frozenset(spec.functions)) <= set(arguments):
                (held,) = compile_block(arguments, {"held": rule.text}, ["held"], spec._functions)(*values)
                if not held:
                    raise OutOfValidity(
                        f"{spec.name} doesn't hold here: {rule.message} Given {self._given(spec, values)}.",
                        f"The condition is: {rule.text}. Use another equation or other values.",
                        equation=spec.name,
                        condition=rule.text,
                    )


_WORD = re.compile(r"[^\W_]+")


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _rank(equation: Equation, words: Sequence[str], begins: bool) -> int | None:
    """How far from the top an equation is that has all of the words; None where it lacks one."""
    places = (
        f"{equation.name} {equation.title}",
        " ".join([*equation.keywords, *equation.aliases]),
        equation.topic,
        " ".join(f"{q.key} {q.meaning} {' '.join(q.also)}" for q in (*equation.inputs, *equation.outputs)),
    )
    found = [{_singular(word) for word in _WORD.findall(place.lower())} for place in places]
    total = 0
    for word in words:
        for rank, there in enumerate(found):
            if word in there or (begins and any(other.startswith(word) for other in there)):
                total += rank
                break
        else:
            return None
    return total


def _meant(quantity: Quantity, value: float | str) -> float | str:
    """The number that a word stands for; anything else as it is."""
    if not isinstance(value, str) or not quantity.words:
        return value
    word = value.strip().lower()
    if word not in quantity.words:
        known = ", ".join(f"{name} ({number:g})" for name, number in quantity.words.items())
        raise BadQuantity(f"{quantity.key} is {value!r}.", f"It may be {known}.")
    return quantity.words[word]


def _number(key: str, value: Any) -> float:
    if not isinstance(value, (int, float)):  # numpy scalars have item()
        value = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadQuantity(f"{key} = {value!r} is not a number.", "Give a plain number in the unit of the suffix.")
    try:
        number = float(value)
    except OverflowError:  # a whole number of more than 308 digits
        number = math.inf
    if not math.isfinite(number):
        raise BadQuantity(f"{key} = {number!r} is not finite.", "Give a finite number.")
    return number


def _check_bounds(spec: Equation, quantity: Quantity, si: float, key: str) -> None:
    if quantity.lower is None and quantity.upper is None and not quantity.integer:
        return
    value = quantity.from_si(si)
    # A converted value may miss an inclusive bound by rounding only.
    slack = 1e-12 * max(abs(value), 1.0)
    low, high = quantity.lower, quantity.upper
    below = low is not None and (value <= low if quantity.lower_open else value < low - slack)
    above = high is not None and (value >= high if quantity.upper_open else value > high + slack)
    if below or above:
        raise BadQuantity(
            f"{spec.name}: {key}{'' if key == quantity.key else f', as {quantity.key},'} is {value:.6g} "
            f"{quantity.unit.label}".rstrip()
            + f", but {quantity.meaning} must be {quantity.bounds}.",
            "Correct the value or its unit.",
            key=key,
        )
    if quantity.integer and value != int(value):
        raise BadQuantity(
            f"{spec.name}: {key} is {value:g}, but {quantity.meaning} is a whole number.", "Give a whole number."
        )


@lru_cache(maxsize=1)
def get_physics_kernel() -> PhysicsKernel:
    """The kernel of this process."""
    return PhysicsKernel()
