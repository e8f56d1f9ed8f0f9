"""The conversation: one question at a time with what follows, corrections, taking back, where each thing came from."""

import re

import pytest

from backend.agents.conversational_agent import ConversationalAgent, amended, understand
from backend.agents.corrections import correct
from backend.design import families, get_family
from backend.errors import DesignError, InputError
from backend.session_store import InMemorySessionStore, SqliteSessionStore
from tests.integration.scripted import BRACKET


class Talk:
    """One conversation."""

    def __init__(self, store=None):
        self.agent, self.session = ConversationalAgent(store or InMemorySessionStore()), None

    async def __call__(self, message, **more):
        answer = await self.agent.process(message, session_id=self.session, **more)
        self.session = answer["session_id"]
        return answer


async def test_one_question_at_a_time_with_reason_default_and_what_follows():
    say = Talk()
    first = await say(BRACKET.replace("An aluminium 6061-T6 shelf", "A shelf"))
    assert first["question"]["id"] == "material"
    assert first["question"]["reason"] in first["reply"]
    assert "If you agree, I take aluminium 6061-T6." in first["reply"]
    promised = re.search(r"Then: thickness ([\d.]+) mm, .* (\d+) g\.", first["reply"])
    then = await say("yes")
    assert then["ready"]
    scheme = get_family("l_bracket").size(understand(then["brief"], then["answers"]))
    assert float(promised[1]) == pytest.approx(scheme.parameters["thickness"].value, rel=1e-3)
    assert float(promised[2]) == pytest.approx(scheme.mass_g.value, abs=1)


async def test_a_default_that_leads_nowhere_says_so():
    answer = await Talk()("A shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall")
    assert "But then: no L-bracket within these sizes meets the requirements" in answer["reply"]  # safety factor 1.5


async def test_an_answer_to_another_question_and_a_correction_are_taken_in_while_one_is_open():
    say = Talk()
    assert (await say("A shelf bracket, 6 in wide, legs 5 in and 2 in"))["question"]["id"] == "material"
    answer = await say("300 lb at 12 in from the wall")
    assert answer["answers"] == {"load": "300 lb", "load_position": "12 in"}
    assert answer["question"]["id"] == "material"
    answer = await say("change the width to 8 in")
    assert (answer["answers"]["width"], answer["question"]["id"]) == ("8 in", "material")
    answer = await say("tomorrow")
    assert (answer["question"]["id"], "tomorrow" in answer["reply"]) == ("material", True)


async def test_a_default_that_leaves_more_open_says_so():
    say = Talk()
    answer = await say("A shelf bracket, 6 in wide, legs 5 in and 2 in, of brass alloy")
    if answer["question"]["default"] is not None:
        assert "would be left" in answer["reply"]
    assert answer["question"] == answer["questions"][0]


CORRECTIONS = [
    ("no, steel A36", None, {"material": "Steel A36"}),
    ("change the width to 8 in", None, {"width": "8 in"}),
    ("make it 8 in wide", None, {"width": "8 in"}),
    ("2 in wider", None, {"width": "203.2 mm"}),
    ("10 % narrower", None, {"width": "137.16 mm"}),
    ("make the shelf leg 20 mm longer", None, {"shelf_leg": "147 mm"}),
    ("it must carry 400 lb instead", None, {"load": "400 lb"}),
    ("use M8 bolts", None, {"bolt_size": "M8"}),
    ("bent instead of machined", None, {"process": "bent"}),
    ("safety factor 2", None, {"safety_factor": "2"}),
    ("thicken here by 1 mm", "shelf", {"thickness": "12.1125 mm"}),
    ("thicken here by 1 mm", "fillet", {"fillet_radius": "9.73125 mm"}),
    ("make it 3 mm thinner here", "wall", {"thickness": "8.1125 mm"}),
    ("a bigger hole here by 1 mm", "wall_bolts", {"hole_diameter": "13.7 mm"}),
]


@pytest.mark.parametrize(("said", "face", "answers"), CORRECTIONS)
def test_a_correction_changes_what_it_names_and_nothing_else(said, face, answers):
    found = correct(BRACKET, {}, said, face=face)
    assert found.answers == answers
    assert found.told
    intent = understand(BRACKET, found.answers)
    assert not intent.questions
    before = understand(BRACKET)
    changed = {name for name, q in intent.parameters.items() if q.value != before.parameters.get(name, q).value}
    assert changed <= set(answers)


def test_thicker_without_an_amount_is_a_step_that_a_shop_has_and_says_so():
    found = correct(BRACKET, {}, "thicken here", face="shelf")
    thickness = float(found.answers["thickness"].split()[0])
    assert thickness > 11.1125
    assert thickness / (25.4 / 32) == pytest.approx(round(thickness / (25.4 / 32)), abs=1e-4)
    assert "no amount was said" in found.told[0]


def test_every_face_that_a_family_names_leads_to_a_size_that_it_has():
    for family in families():
        scheme = family.size(understand(family.spec.examples[0]))
        program = family.kcl(scheme)
        for face, size in family.spec.faces.items():
            assert f'annotationName = "{face}"' in program, (family.id, face)
            assert size in family.spec.parameters, (family.id, size)


def test_steel_alone_means_what_it_means_in_a_brief_and_is_listed_as_assumed():
    found = correct(BRACKET, {}, "no, steel")
    assert found.answers == {"material": "steel"}
    assert found.told == ["material is steel, taken as Steel A36"]
    intent = understand(BRACKET, found.answers)
    assert intent.material == understand(BRACKET.replace("aluminium 6061-T6", "steel")).material == "steel_a36"
    assert "material" in {item.id for item in intent.assumptions}


def test_lighter_than_the_least_is_refused_with_what_would_help():
    with pytest.raises(DesignError) as caught:
        correct(BRACKET, {}, "make it 20 % lighter")
    (best, *_) = caught.value.details["materials"]
    assert best["material"] in caught.value.next_action
    # what is offered holds: sized with it, the part is that light
    offered = understand(BRACKET, {"material": best["material"]})
    assert get_family("l_bracket").size(offered).mass_g.value == pytest.approx(best["mass_g"], rel=0.02)


def test_every_way_to_it_holds_and_gives_no_more_than_it_must():
    family = get_family("l_bracket")
    with pytest.raises(DesignError) as caught:
        correct(BRACKET, {}, "make it 20 % lighter")
    limit = 0.8 * family.size(understand(BRACKET)).mass_g.value
    ways = caught.value.details["ways"]
    assert [way["what"] for way in ways] == ["material", "load", "shelf_leg", "load_position"]
    for way in ways:
        found = correct(BRACKET, {}, way["say"])  # the words are such as anybody could say
        mass = family.size(understand(found.brief, found.answers)).mass_g.value
        assert mass == pytest.approx(way["mass_g"])
        assert mass <= limit
        assert way["say"] in caught.value.next_action
    # 2 % more load is too much: the bisection found the edge
    load = float(ways[1]["say"].split()[1])
    assert family.size(understand(BRACKET, {"load": f"{1.02 * load} lb"})).mass_g.value > limit
    # and what binds is a check of the sized part, with its figures
    binds = caught.value.details["binds"]
    assert binds["title"] in caught.value.message
    assert binds["value"] >= binds["limit"]


def test_what_no_single_change_reaches_is_said_so():
    with pytest.raises(DesignError) as caught:
        correct(BRACKET, {}, "make it 70 % lighter")
    assert caught.value.details["ways"] == []
    assert "Ask for less" in caught.value.next_action


@pytest.mark.parametrize(
    ("word", "answers"),
    [
        ("yes", {"material": "Aluminium 7075-T6"}),
        ("2", {"load": "223 lb"}),
        ("option 3", {"shelf_leg": "3.76 in"}),
        ("width 5 in", {"width": "5 in"}),
    ],
)
async def test_a_way_is_taken_by_a_word(word, answers):
    say = Talk()
    await say(BRACKET)
    offer = await say("make it 20 % lighter")
    assert "1. 'Aluminium 7075-T6'" in offer["reply"]
    after = await say(word)
    assert after["answers"] == answers
    assert after["ready"]
    nothing = await say("yes")  # the offer stood for one message
    assert nothing["answers"] == answers


def test_a_size_that_was_fixed_is_named_where_it_stands_in_the_way():
    heavy = {"thickness": "12 mm"}
    with pytest.raises(DesignError) as caught:
        correct(BRACKET, heavy, "make it 5 % lighter")
    assert caught.value.details["fixed"] == ["thickness"]
    least = get_family("l_bracket").size(understand(BRACKET)).mass_g.value
    assert f"then it is {least:.0f} g" in caught.value.next_action


def test_lighter_is_a_limit_where_there_is_room():
    heavy = get_family("l_bracket").size(understand(BRACKET, {"thickness": "12 mm"}))
    found = correct(BRACKET, {}, "make it 5 % lighter", scheme=heavy.model_dump(mode="json"))
    assert "mass at most" in found.told[0]
    lighter = get_family("l_bracket").size(understand(found.brief, found.answers))
    assert lighter.mass_g.value <= 0.95 * heavy.mass_g.value


async def test_what_was_said_is_taken_back_step_by_step(tmp_path):
    store = SqliteSessionStore(tmp_path / "sessions.db")
    say = Talk(store)
    await say(BRACKET)
    await say("change the width to 8 in")
    await say("no, steel A36")
    say.agent = ConversationalAgent(SqliteSessionStore(tmp_path / "sessions.db"))  # a restart loses nothing
    back = await say("undo that")
    assert back["answers"] == {"width": "8 in"}
    assert back["reply"].startswith("Undone.")
    back = await say("undo")
    assert back["answers"] == {}
    assert back["intent"]["parameters"]["width"]["value"] == pytest.approx(152.4)
    back = await say("take it back")
    assert back["brief"] == ""
    assert (await say("undo that"))["reply"].startswith("There is nothing to undo")


async def test_everything_is_traced_to_the_message_that_said_it():
    say = Talk()
    await say("A shelf bracket, 6 in wide, legs 5 in and 2 in")
    await say("300 lb at 12 in from the wall")  # an answer
    await say("steel A36")
    last = await say("change the width to 8 in")
    rows = {row["requirement"]: row for row in last["trace"]}
    messages = [item["text"] for item in last["conversation_history"]]
    assert messages[rows["shelf_leg"]["message"]].startswith("A shelf bracket")
    assert rows["shelf_leg"]["words"] == "5 in"
    assert messages[rows["width"]["message"]] == "change the width to 8 in"
    assert messages[rows["load_force"]["message"]].startswith("300 lb")
    assert messages[rows["material"]["message"]] == "steel A36"
    for row in last["trace"]:
        assert row["message"] is None or row["words"] in messages[row["message"]]


async def test_words_that_change_nothing_are_not_taken_for_understood():
    say = Talk()
    await say(BRACKET)
    after = await say("make it nicer")
    assert "nicer" in after["reply"]
    with pytest.raises(InputError, match="nothing that is understood") as caught:
        amended(BRACKET, {}, "hello there")
    assert "width 8 in" in caught.value.next_action


async def test_a_change_that_cannot_be_leaves_the_conversation_where_it_was():
    say = Talk()
    before = await say(BRACKET)
    after = await say("make it 20 % lighter")
    assert "7075" in after["reply"]
    assert (after["brief"], after["answers"]) == (before["brief"], before["answers"])
    assert after["ready"]
