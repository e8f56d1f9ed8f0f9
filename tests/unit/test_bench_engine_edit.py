"""The bench's edit of a program: which arguments of a call are sizes, and the program with one of them changed."""

from __future__ import annotations

from backend.commands.bench_engine_edit import sizes_of_call

PROGRAM = """thickness = 4
// extrude(length = 9)
part = extrude(profile, length = -thickness, symmetric = true)
  |> fillet(
       radius = min(2, thickness / 4), // of the rim (outer)
       tags = [getNextAdjacentEdge(a), b],
     )
  |> translate(x = 10, y = 0, z = -(2 + thickness))
  |> patternCircular3d(instances = 6, axis = [0, 0, 1], center = [0, 0, 0], arcDegrees = 360)
"""


def _at(words: str) -> tuple[int, int]:
    line, text = next((n, line) for n, line in enumerate(PROGRAM.split("\n"), 1) if words in line and "//" not in line)
    return line, text.index(words) + 1


def test_sizes_are_the_named_arguments_that_are_no_counts_tags_or_switches() -> None:
    assert [(size.name, size.value) for size in sizes_of_call(PROGRAM, *_at("extrude("))] == [("length", "-thickness")]
    assert [(size.name, size.value) for size in sizes_of_call(PROGRAM, *_at("translate("))] == [
        ("z", "-(2 + thickness)"),
        ("y", "0"),
        ("x", "10"),
    ]
    assert [size.name for size in sizes_of_call(PROGRAM, *_at("patternCircular3d("))] == ["arcDegrees"]


def test_an_argument_with_a_call_and_a_comment_is_taken_whole() -> None:
    (radius,) = sizes_of_call(PROGRAM, *_at("fillet("))
    assert radius.call == "fillet"
    assert radius.value == "min(2, thickness / 4)"


def test_a_number_is_written_scaled_and_an_expression_multiplied() -> None:
    z, _, x = sizes_of_call(PROGRAM, *_at("translate("))
    assert x.scaled(PROGRAM, 0.99) == PROGRAM.replace("x = 10,", "x = 9.9,")
    assert z.scaled(PROGRAM, 0.99) == PROGRAM.replace("z = -(2 + thickness))", "z = (-(2 + thickness)) * 0.99)")


def test_a_place_without_a_call_has_no_sizes() -> None:
    assert sizes_of_call(PROGRAM, 1, 1) == []
    assert sizes_of_call(PROGRAM, 99, 1) == []
