"""``./brick physics`` and ``./brick materials``: the equations and the materials, as tables or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.commands.console import report_console
from backend.errors import InputError
from backend.report.numbers import number

physics = typer.Typer(help="The equations: list, show, calculate.", no_args_is_help=True, rich_markup_mode=None)
materials = typer.Typer(help="The materials: search, show, rank.", no_args_is_help=True, rich_markup_mode=None)

AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for key, title in columns.items():
        # A name that someone will type again is never cut.
        table.add_column(title, no_wrap=key in _TYPED, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(key)).replace("[", "\\[") for key in columns))
    report_console().print(table)


_TYPED = frozenset({"id", "name", "domain", "property", "material_id"})


def _cell(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return number(value) if isinstance(value, float) else str(value)


def _print_json(data: Any) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def _split(equation: str) -> tuple[str, str]:
    """Domain and name; a bare name is taken where one domain alone has it."""
    domain, separator, name = equation.partition(".")
    if separator:
        return domain, name
    from difflib import get_close_matches

    from backend.physics.kernel import get_physics_kernel

    every = get_physics_kernel().list()
    exact = [e for e in every if equation == e.id or equation in e.aliases]
    if len(exact) == 1:
        return exact[0].domain, exact[0].id
    near = exact or [
        e for name in get_close_matches(equation, [e.id for e in every], n=4) for e in every if e.id == name
    ]
    raise InputError(
        f"{equation!r} is not of the form DOMAIN.EQUATION, and no single equation has that name.",
        next_action=f"Did you mean {' or '.join(dict.fromkeys(e.name for e in near))}?"
        if near
        else f"Search for it: ./brick physics list --search {equation.split('_')[0]}",
        code="unknown_equation",
    )


@physics.command("list")
def physics_list(
    domain: Annotated[str | None, typer.Argument(help="only this domain")] = None,
    search: Annotated[str | None, typer.Option("--search", "-s", help="words to look for")] = None,
    as_json: AsJson = False,
) -> None:
    """List the domains, or the equations of one."""
    from backend.physics.listing import list_domains, list_equations

    if domain is None and search is None:
        rows, columns = list_domains(), {"domain": "domain", "equations": "equations", "topics": "topics"}
    else:
        rows = list_equations(domain, search)
        rows = [{**row, "name": f"{row['domain']}.{row['equation']}"} for row in rows]
        columns = {"name": "equation", "title": "what", "inputs": "from", "outputs": "gives"}
    if as_json:
        _print_json(rows)
    else:
        _table(rows, columns)


@physics.command("show")
def physics_show(equation: Annotated[str, typer.Argument(help="DOMAIN.EQUATION")], as_json: AsJson = False) -> None:
    """Show one equation: quantities, formula, source, where it is valid."""
    from backend.physics.listing import describe

    found = describe(*_split(equation))
    if as_json:
        _print_json(found)
        return
    print(f"{found['domain']}.{found['equation']}: {found['title']}")
    for title in ("inputs", "outputs"):
        print(f"{title}:")
        for item in found[title]:
            formula = f" = {item['expression']}" if item.get("expression") else ""
            bounds = f" ({item['bounds']})" if item.get("bounds") not in (None, "any") else ""
            also = "".join(f"; also {name}" for name in item.get("also", ()))
            also += "".join(f"; {word} for {value:g}" for word, value in item.get("words", {}).items())
            print(f"  {item['key']}{formula}: {item['meaning']}, {item['unit']}{bounds}{also}")
    for item in found["validity"]:
        print(f"valid: {item if isinstance(item, str) else item.get('message', item)}")
    print(f"LaTeX: {found['latex']}")
    print(f"source: {found['source']}")


@physics.command("calc")
def physics_calc(
    equation: Annotated[str, typer.Argument(help="DOMAIN.EQUATION")],
    quantities: Annotated[
        list[str] | None, typer.Argument(help="name_unit=number, or name_unit='number +- 5%'")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Calculate: ./brick physics calc structures.stress force_kn=1 area_mm2=100."""
    from backend.physics.listing import calc

    result = calc(*_split(equation), quantities or [])
    if as_json:
        _print_json(result)
        return
    print(result["worked"])
    for name, value in result["outputs"].items():
        spread = (result["uncertainty_rel"] or {}).get(name)
        print(f"{name} = {number(value, 6)}{f' ± {number(abs(value) * spread, 2)}' if spread else ''}")
    for warning in result["warnings"]:
        print(f"beware: {warning}")
    print(f"source: {result['source']}")


@physics.command("netlist")
def physics_netlist(
    path: Annotated[Path, typer.Argument(help="a SPICE netlist; its first line is the title")],
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.1, max=600.0, help="seconds it may take")] = 20.0,
    as_json: AsJson = False,
) -> None:
    """Solve a circuit with ngspice: ./brick physics netlist filter.cir --json."""
    from backend.physics.domains.electronics.netlist import solve_netlist

    if not path.is_file():
        raise InputError(f"The file {path} does not exist.", next_action="Give the path of a SPICE netlist.")
    if path.stat().st_size > 1_000_000:
        raise InputError(
            f"{path} has {path.stat().st_size} bytes.", next_action="A netlist has at most 200 000 characters."
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError) as error:
        raise InputError(f"{path} can't be read as text: {error}.", next_action="Give a SPICE netlist.") from error
    found = solve_netlist(text, timeout_s=timeout_s)
    if as_json:
        _print_json(found)
        return
    for analysis, vectors in found.items():
        if analysis == "run":
            continue
        rows = [{"vector": name, **_course(values)} for name, values in vectors.items()]
        print(f"{analysis}: {len(rows)} vectors")
        _table(rows, {"vector": "vector", "first": "first", "last": "last", "least": "least", "greatest": "greatest"})
    for warning in found["run"]["warnings"]:
        print(f"beware: {warning}")


def _course(values: Any) -> dict[str, str]:
    """A vector in a line: ends and extremes; of complex values the magnitude."""
    plain = values if isinstance(values, list) else [values]
    sizes = [abs(complex(*v)) if isinstance(v, tuple) else float(v) for v in plain]
    return {
        "first": number(sizes[0], 6), "last": number(sizes[-1], 6), "least": number(min(sizes), 6),
        "greatest": number(max(sizes), 6),
    }  # fmt: skip


@materials.command("search")
def materials_search(
    text: Annotated[str | None, typer.Argument(help="words: aluminium, PLA, stainless")] = None,
    yield_: Annotated[str | None, typer.Option("--yield", help='for example ">250 MPa"')] = None,
    density: Annotated[str | None, typer.Option("--density", help='for example "<3 g/cm3"')] = None,
    where: Annotated[list[str] | None, typer.Option("--where", help='another property: "modulus>60 GPa"')] = None,
    temperature: Annotated[float, typer.Option("--temperature", "-t", help="°C at which the values must hold")] = 20.0,
    limit: Annotated[int | None, typer.Option(help="at most so many rows")] = None,
    as_json: AsJson = False,
) -> None:
    """Find materials by words and by what they must do."""
    from backend.materials.listing import search_materials

    filters = {name: value for name, value in (("yield", yield_), ("density", density)) if value}
    filters |= _conditions(where)
    rows = search_materials(text, limit=limit, temperature_c=temperature, **filters)
    if as_json:
        _print_json(rows)
    elif rows:
        _table(
            rows, {"id": "id", **{key: _head(key) for key in rows[0] if key not in ("id", "name", "form", "family")}}
        )
        print(f"{len(rows)} materials at {temperature:g} °C; what is unknown there meets no filter")
    else:
        print("no material meets all of that")


def _conditions(where: list[str] | None) -> dict[str, str]:
    """Filters from words such as ``modulus>60 GPa``. Raises InputError for one without a sign."""
    found = {}
    for word in where or []:
        at = next((index for index, sign in enumerate(word) if sign in "<>="), 0)
        if not at:
            raise InputError(f"--where {word!r} has no sign.", next_action='For example: --where "modulus>60 GPa"')
        found[word[:at].strip()] = word[at:]
    return found


_HEADS = {
    "density_kg_m3": "density kg/m³", "youngs_modulus_mpa": "modulus MPa", "yield_strength_mpa": "yield MPa",
    "ultimate_strength_mpa": "ultimate MPa", "thermal_conductivity_w_m_k": "conduct. W/(m·K)",
}  # fmt: skip


def _head(key: str) -> str:
    return _HEADS.get(key, key.replace("_", " "))


def _value(entry: Mapping[str, Any]) -> str:
    """A stored value as a reader wants it: a number, a range, or a curve by its ends."""
    if entry["points"]:
        (cold, first), (hot, last) = entry["points"][0], entry["points"][-1]
        return f"{number(first)} at {cold:g} °C to {number(last)} at {hot:g} °C"
    if entry["low"] is not None and entry["high"] is not None:
        return f"{number(entry['low'])} to {number(entry['high'])}"
    return _cell(entry["value"])


@materials.command("show")
def materials_show(
    name: Annotated[str, typer.Argument(help="id, name or alias")],
    temperature: Annotated[
        float | None, typer.Option("--temperature", "-t", help="°C: only what holds there, interpolated")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one material: every value with its basis and source; what is unknown says so."""
    from backend.materials.listing import show_at, show_material

    found = show_material(name) if temperature is None else show_at(name, temperature)
    if as_json:
        _print_json(found)
        return
    print(f"{found['id']}: {found['name']}, {found['form']}")
    rows = [
        {**entry, "value": _value(entry), "read": "read" if entry["source_seen"] else "not read"}
        for entry in found["entries"]
    ]
    _table(rows, {key: key for key in ("property", "value", "unit", "basis", "read", "source")})
    for line in found.get("out_of_range", ()):
        print(f"not known there: {line}")
    print(f"unknown: {', '.join(found['unknown']) or 'nothing'}")


@materials.command("rank")
def materials_rank(
    index: Annotated[str | None, typer.Argument(help="index; left out: list them")] = None,
    where: Annotated[list[str] | None, typer.Option("--where", help='only where: "service>100 °C"')] = None,
    per: Annotated[str | None, typer.Option("--per", help="divide by price or co2")] = None,
    limit: Annotated[int, typer.Option(help="at most so many rows")] = 10,
    as_json: AsJson = False,
) -> None:
    """Rank materials by one of Ashby's indices."""
    from backend.materials.listing import list_indices, rank_materials

    rows = rank_materials(index, limit=limit, per=per, **_conditions(where)) if index else list_indices()
    if as_json:
        _print_json(rows)
    elif rows:
        _table(rows, {key: key for key in rows[0]})


@materials.command("project")
def materials_project(
    formula: Annotated[str, typer.Argument(help='a formula such as "Al2O3", or an id such as "mp-1143"')],
    as_json: AsJson = False,
) -> None:
    """Ask the Materials Project for computed crystals (needs MATERIALS_PROJECT_API_KEY and the network)."""
    from backend.materials.materials_project import look_up

    rows = [crystal.as_dict() for crystal in look_up(formula)]
    if as_json:
        _print_json(rows)
        return
    keys = ("material_id", "formula", "crystal_system", "density_kg_m3", "youngs_modulus_mpa", "poisson_ratio",
            "energy_above_hull_ev")  # fmt: skip
    _table(rows, {key: key for key in keys})
    print("computed for perfect crystals at 0 K (Materials Project, CC BY 4.0): no strengths, no alloys")
