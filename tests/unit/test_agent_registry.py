"""The registry: loud where an agent can't be had, lazy where it can."""

import subprocess
import sys
import types

import pytest

from backend.agent_registry import DECLARED, AgentSpec, GlobalAgentRegistry, registry
from backend.agents.base import BaseAgent


def test_lazy_load_failure_raises():
    """Verify agent load failure raises, not returns None."""
    registry = GlobalAgentRegistry()

    with pytest.raises(RuntimeError) as exc_info:
        registry._lazy_load("NonExistentAgent")

    assert "failed to load" in str(exc_info.value)


def test_successful_load():
    """Verify successful agent load returns instance."""
    registry = GlobalAgentRegistry()
    agent = registry.get_agent("MaterialAgent")

    assert agent is not None
    assert hasattr(agent, "run")


def test_an_unknown_agent_is_an_error_that_names_those_there_are():
    with pytest.raises(RuntimeError, match=r"Critical agent 'NonExistent' failed to load\..*MaterialAgent"):
        registry.get_agent("NonExistent")


@pytest.mark.parametrize("spec", DECLARED, ids=lambda spec: spec.name)
def test_every_declared_agent_loads_and_is_observed(spec):
    agent = GlobalAgentRegistry().get_agent(spec.name)
    assert agent.name == spec.name
    assert spec.purpose.endswith(".")
    assert spec.timeout_s > 0
    assert "observed" in repr(agent)


def test_an_agent_is_made_once():
    registry = GlobalAgentRegistry()
    assert registry.get_agent("VerificationAgent") is registry.get_agent("VerificationAgent")


def test_initialize_loads_nothing_and_finds_a_missing_module():
    registry = GlobalAgentRegistry()
    registry.initialize()
    assert not any(agent["loaded"] for agent in registry.describe())
    registry.declare(AgentSpec("GhostAgent", "backend.agents.ghost", "GhostAgent", "Haunts."))
    with pytest.raises(RuntimeError, match=r"failed to load.*GhostAgent \(backend.agents.ghost\)"):
        registry.initialize()


def broken_module(monkeypatch, **names):
    module = types.ModuleType("broken_agents")
    vars(module).update(names)
    monkeypatch.setitem(sys.modules, "broken_agents", module)


class Explodes(BaseAgent):
    def __init__(self):
        raise ValueError("no licence")

    async def run(self, params, **kwargs):
        return {}


class Abstract(BaseAgent):
    pass


class PlainRun:
    def run(self, params):
        return {}


@pytest.mark.parametrize(
    ("class_name", "cause"),
    [
        ("Missing", "has no attribute 'Missing'"),
        ("Explodes", "no licence"),
        ("Abstract", "abstract"),
        ("PlainRun", "no async method 'run'"),
    ],
)
def test_each_way_to_be_broken_names_module_and_cause(monkeypatch, class_name, cause):
    broken_module(monkeypatch, Explodes=Explodes, Abstract=Abstract, PlainRun=PlainRun)
    registry = GlobalAgentRegistry((AgentSpec("A", "broken_agents", class_name, "Breaks."),))
    with pytest.raises(RuntimeError, match=cause) as caught:
        registry.get_agent("A")
    assert "broken_agents" in str(caught.value)
    with pytest.raises(RuntimeError):  # and it stays an error
        registry.get_agent("A")


def test_a_module_that_cannot_be_imported_is_named():
    registry = GlobalAgentRegistry((AgentSpec("A", "backend.agents.no_such_module", "A", "Is missing."),))
    with pytest.raises(RuntimeError, match="no_such_module"):
        registry.get_agent("A")


def test_a_name_declared_twice_is_an_error_and_the_same_declaration_is_not():
    registry = GlobalAgentRegistry()
    registry.declare(DECLARED[0])
    with pytest.raises(RuntimeError, match="declared twice"):
        registry.declare(AgentSpec(DECLARED[0].name, "elsewhere", "A", "Takes a name."))


class FakeEntry:
    def __init__(self, content):
        self.name, self.value, self.content = "ForeignAgent", "foreign.pkg:spec", content

    def load(self):
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


def entry_points(monkeypatch, content):
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [FakeEntry(content)])


def test_another_package_can_add_an_agent(monkeypatch):
    spec = AgentSpec("ForeignAgent", "backend.agents.material_agent", "MaterialAgent", "Comes from afar.")
    entry_points(monkeypatch, spec)
    registry = GlobalAgentRegistry()
    registry.initialize()
    assert registry.spec("ForeignAgent") == spec
    assert registry.get_agent("ForeignAgent") is not None


@pytest.mark.parametrize("content", [ImportError("no foreign.pkg"), "not a spec"])
def test_a_broken_package_is_loud(monkeypatch, content):
    entry_points(monkeypatch, content)
    with pytest.raises(RuntimeError, match=r"'ForeignAgent' failed to load. Module: foreign.pkg:spec"):
        GlobalAgentRegistry().initialize()


def test_importing_the_registry_is_cheap():
    code = "import sys, backend.agent_registry; print([m for m in sys.modules if m in " + repr(
        ["numpy", "langgraph", "fastapi", "OCP", "ngsolve", "sympy", "scipy", "pydantic_settings"]
    )
    done = subprocess.run([sys.executable, "-c", code + "])"], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
