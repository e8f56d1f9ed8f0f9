"""An equation is data: quantities with units and bounds, expressions, source, validity, uncertainty.

A data file is YAML under ``domains/<domain>/<topic>.yaml``::

    domain: structures
    title: Bars and beams
    equations:
      stress:
        title: Mean axial stress
        inputs:
          force_n: {is: Axial force, symbol: F}
          area_mm2: {is: Cross-section area, symbol: A, bound: "> 0"}
        outputs:
          stress_mpa: {is: Mean axial stress, symbol: sigma, expr: force/area}
        source: {author: ..., title: ..., edition: ..., where: ..., note: ...}  # or {of: key of sources, where: ...}
        valid:
          - {require: "...", message: "..."}      # refuses
          - {warn: "...", message: "..."}         # is recorded in the result
        uncertainty: {rel: 0.0, note: ...}

An output marked ``exact: true`` follows from the inputs by definition, geometry or equilibrium alone (a spring index,
say): the model's ``uncertainty`` is not its own, only that of the inputs reaches it. An input may have
other names (``also: [diameter]``) and ``words`` for some of its numbers (``{g: 7}``).

Expressions see each quantity in SI under its name without the suffix. ``let`` holds ordered intermediate definitions,
``constants`` maps a name to an entry of ``constants.yaml`` (``g`` or ``g@mars``), ``functions`` maps a name to
``module:function`` below ``backend.physics.domains``, and ``solve: module:function`` replaces the expressions where
the answer needs an iteration; such a function takes the SI inputs by name and returns ``{name: SI value}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

from backend.physics.errors import BadData
from backend.physics.expression import compile_block, names
from backend.physics.units import Unit, split_key

_BOUND = re.compile(r"^\s*(>=|>|<=|<)\s*([-+0-9.eE]+)\s*$")


@dataclass(frozen=True, slots=True)
class Source:
    """Where an equation or a datum comes from."""

    author: str = ""
    title: str = ""
    edition: str = ""
    where: str = ""
    note: str = ""

    def __str__(self) -> str:
        text = ", ".join(part for part in (self.author, self.title, self.edition, self.where) if part)
        return f"{text} ({self.note})" if self.note else text


@dataclass(frozen=True, slots=True)
class Quantity:
    """One input or output: its key, its name in expressions, unit, bounds (in its own unit) and meaning."""

    key: str
    name: str
    unit: Unit
    meaning: str
    symbol: str
    lower: float | None = None
    lower_open: bool = False
    upper: float | None = None
    upper_open: bool = False
    default: float | None = None
    default_reason: str = ""
    difference: bool = False
    integer: bool = False
    exact: bool = False
    also: tuple[str, ...] = ()
    words: Mapping[str, float] = field(default_factory=dict)
    expr: str = ""

    @property
    def bounds(self) -> str:
        """The bounds in words, in the quantity's own unit."""
        parts = []
        if self.lower is not None:
            parts.append(f"{'>' if self.lower_open else '>='} {self.lower:g}")
        if self.upper is not None:
            parts.append(f"{'<' if self.upper_open else '<='} {self.upper:g}")
        text = " and ".join(parts)
        return f"{text} {self.unit.label}".strip() if text else "any"

    def to_si(self, value: float) -> float:
        return self.unit.to_si(value, difference=self.difference)

    def from_si(self, value: float) -> float:
        return self.unit.from_si(value, difference=self.difference)


@dataclass(frozen=True, slots=True)
class Validity:
    """A predicate over SI quantities; ``hard`` ones refuse the calculation, the others are recorded."""

    text: str
    message: str
    hard: bool


@dataclass(frozen=True)
class Equation:
    """One equation of one domain, as loaded from its file."""

    domain: str
    id: str
    title: str
    topic: str
    inputs: tuple[Quantity, ...]
    outputs: tuple[Quantity, ...]
    lets: Mapping[str, str]
    constants: Mapping[str, str]
    functions: Mapping[str, str]
    solver: str
    source: Source
    validity: tuple[Validity, ...]
    model_uncertainty_rel: float | None
    uncertainty_note: str
    notes: str = ""
    formula: str = ""
    keywords: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    file: str = ""
    constant_values: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """``domain.id``, as used in evidence and listings."""
        return f"{self.domain}.{self.id}"

    @cached_property
    def input_by_key(self) -> dict[str, Quantity]:
        return {quantity.key: quantity for quantity in self.inputs}

    @cached_property
    def input_by_name(self) -> dict[str, Quantity]:
        return {quantity.name: quantity for quantity in self.inputs}

    @cached_property
    def _functions(self) -> dict[str, Callable[..., Any]]:
        return {name: load_function(where) for name, where in self.functions.items()}

    @cached_property
    def evaluate(self) -> Callable[..., tuple[float, ...]]:
        """SI inputs in declared order -> SI outputs in declared order."""
        outputs = [quantity.name for quantity in self.outputs]
        if self.solver:
            solve, inputs = load_function(self.solver), [quantity.name for quantity in self.inputs]

            def run(*values: float) -> tuple[float, ...]:
                answer = solve(**dict(zip(inputs, values, strict=True)))
                return tuple(float(answer[name]) for name in outputs)

            return run
        definitions = {**self._constant_definitions(), **self.lets, **{q.name: q.expr for q in self.outputs}}
        return compile_block([q.name for q in self.inputs], definitions, outputs, self._functions)

    @cached_property
    def check(self) -> Callable[..., tuple[float, ...]] | None:
        """SI inputs then SI outputs -> one truth value per validity predicate; None when there are none."""
        if not self.validity:
            return None
        arguments = [q.name for q in self.inputs] + [q.name for q in self.outputs]
        wanted = set().union(*(names(v.text, frozenset(self.functions)) for v in self.validity))
        definitions: dict[str, str] = {}
        if not self.solver:
            # Only the definitions that predicates use, with what those use in turn.
            chain = {**self._constant_definitions(), **self.lets}
            for name, text in reversed(chain.items()):
                if name in wanted:
                    wanted |= names(text, frozenset(self.functions))
                    definitions[name] = text
            definitions = dict(reversed(definitions.items()))
        labels = [f"valid{index}" for index in range(len(self.validity))]
        definitions.update(zip(labels, (v.text for v in self.validity), strict=True))
        return compile_block(arguments, definitions, labels, self._functions)

    def _constant_definitions(self) -> dict[str, str]:
        return {name: repr(self.constant_values[name]) for name in self.constants}


def load_function(where: str) -> Callable[..., Any]:
    """``structures.plates:center`` -> the function of ``backend.physics.domains.structures.plates``."""
    module, _, function = where.partition(":")
    try:
        return getattr(import_module(f"backend.physics.domains.{module}"), function)  # type: ignore[no-any-return]
    except (ImportError, AttributeError) as error:
        raise BadData(
            f"The function {where!r} of an equation can't be loaded: {error}.", "Mend the data file or the helper."
        ) from error


def read_equation(document: Mapping[str, Any], name: str, file: str, constant: Callable[[str], float]) -> Equation:
    """One equation of a loaded data file; ``constant`` resolves a reference such as ``g@mars`` to an SI value.

    Raises BadData naming the file, the equation and the field.
    """
    domain, topic, entry = str(document["domain"]), str(document.get("title", "")), document["equations"][name]
    try:
        return _read(domain, topic, name, entry, file, constant, document.get("sources", {}))
    except BadData as error:
        raise BadData(f"{file}: {domain}.{name}: {error.message}", error.next_action) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadData(
            f"{file}: {domain}.{name}: {type(error).__name__}: {error}.", "Compare it with a neighbour."
        ) from error


_FIELDS = {
    "title", "inputs", "outputs", "let", "constants", "functions", "solve", "source", "valid", "uncertainty", "notes",
    "formula",
    "keywords", "aliases",
}  # fmt: skip
_QUANTITY_FIELDS = {
    "is",
    "symbol",
    "bound",
    "range",
    "default",
    "because",
    "difference",
    "integer",
    "exact",
    "also",
    "words",
    "expr",
}


def _read(
    domain: str,
    topic: str,
    identifier: str,
    entry: Mapping[str, Any],
    file: str,
    constant: Callable[[str], float],
    sources: Mapping[str, Any],
) -> Equation:
    unknown = set(entry) - _FIELDS
    if unknown:
        raise BadData(f"unknown field {sorted(unknown)}", f"Known fields: {sorted(_FIELDS)}.")
    inputs = tuple(_quantity(key, spec) for key, spec in entry["inputs"].items())
    outputs = tuple(_quantity(key, spec) for key, spec in entry["outputs"].items())
    if wrong := [q.key for q in inputs if q.exact]:
        raise BadData(f"the inputs {wrong} are marked exact", "Only outputs may be: leave it out.")
    lets = {str(k): str(v) for k, v in entry.get("let", {}).items()}
    constants = {str(k): str(v) for k, v in entry.get("constants", {}).items()}
    functions = {str(k): str(v) for k, v in entry.get("functions", {}).items()}
    solver = str(entry.get("solve", ""))
    known = {q.name for q in inputs}
    if len(known | {n for q in inputs for n in q.also}) != len(inputs) + sum(len(q.also) for q in inputs) or known & {
        q.name for q in outputs
    }:
        raise BadData("two quantities have the same name without suffix", "Give each its own name.")
    taken = [*lets, *constants, *functions, *(q.name for q in inputs), *(q.name for q in outputs)]
    if len(taken) != len(set(taken)):
        again = sorted({name for name in taken if taken.count(name) > 1})
        raise BadData(
            f"{again} is defined more than once", "Give each quantity, let, constant and function its own name."
        )
    known |= set(constants)
    extra = frozenset(functions)
    if not solver:
        for name, text in [*lets.items(), *((q.name, q.expr) for q in outputs)]:
            if missing := names(text, extra) - known:
                raise BadData(
                    f"{name} uses {sorted(missing)}, which is not defined before it", "Add an input or a let."
                )
            known.add(name)
    validity = []
    for rule in entry.get("valid", []):
        text = str(rule.get("require", rule.get("warn")))
        allowed = known if not solver else {q.name for q in (*inputs, *outputs)}
        if missing := names(text, extra) - allowed:
            raise BadData(f"validity {text!r} uses {sorted(missing)}", "Use inputs, lets and outputs.")
        validity.append(Validity(text, str(rule["message"]), "require" in rule))
    uncertainty = entry.get("uncertainty", {})
    return Equation(
        domain=domain, id=identifier, title=str(entry["title"]), topic=topic, inputs=inputs, outputs=outputs,
        lets=lets,
        constants=constants, functions=functions, solver=solver, source=_source(entry["source"], sources),
        validity=tuple(validity),
        model_uncertainty_rel=uncertainty.get("rel"), uncertainty_note=str(uncertainty.get("note", "")),
        notes=str(entry.get("notes", "")),
        formula=str(entry.get("formula", "")), keywords=tuple(entry.get("keywords", ())),
        aliases=tuple(entry.get("aliases", ())), file=file,
        constant_values={name: constant(reference) for name, reference in constants.items()},
    )  # fmt: skip


def _source(value: Any, sources: Mapping[str, Any]) -> Source:
    """A mapping, or ``key, where`` with the key among the file's ``sources``; a mapping may name the key in ``of``."""
    if isinstance(value, str):
        key, _, where = value.partition(",")
        own = {"where": where.strip()} if where.strip() else {}
    else:
        own = {str(k): str(v) for k, v in value.items()}
        if "of" not in own:
            return Source(**own)
        key = own.pop("of")
    base = sources.get(key.strip())
    if base is None:
        raise BadData(f"source {key!r} is not among the file's sources", "Add it under 'sources'.")
    return Source(**{**base, **own})


def _quantity(key: str, spec: Any) -> Quantity:
    if isinstance(spec, str):
        spec = {"is": spec}
    if unknown := set(spec) - _QUANTITY_FIELDS:
        raise BadData(f"{key}: unknown field {sorted(unknown)}", f"Known: {sorted(_QUANTITY_FIELDS)}.")
    name, unit = split_key(key)
    lower, lower_open, upper, upper_open = _bounds(spec)
    return Quantity(
        key=key, name=name, unit=unit, meaning=str(spec["is"]), symbol=str(spec.get("symbol", name)), lower=lower,
        lower_open=lower_open,
        upper=upper, upper_open=upper_open, default=spec.get("default"), default_reason=str(spec.get("because", "")),
        difference=bool(spec.get("difference", False)), integer=bool(spec.get("integer", False)),
        exact=bool(spec.get("exact", False)),
        also=tuple(spec.get("also", ())), words={str(k): float(v) for k, v in spec.get("words", {}).items()},
        expr=str(spec.get("expr", "")),
    )  # fmt: skip


def _bounds(spec: Mapping[str, Any]) -> tuple[float | None, bool, float | None, bool]:
    lower = upper = None
    lower_open = upper_open = False
    if "range" in spec:
        lower, upper = (None if end is None else float(end) for end in spec["range"])
    for part in str(spec.get("bound", "")).split(",") if spec.get("bound") else ():
        match = _BOUND.match(part)
        if not match:
            raise BadData(f"bound {part!r} is not readable", 'Write "> 0" or ">= 0, < 1".')
        sign, number = match.group(1), float(match.group(2))
        if sign.startswith(">"):
            lower, lower_open = number, sign == ">"
        else:
            upper, upper_open = number, sign == "<"
    return lower, lower_open, upper, upper_open
