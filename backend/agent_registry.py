"""Which agents there are, what each is for, and the one place that makes them.

An agent is declared here, or by another package through the entry point group ``brick_os.agents`` (each entry names an
:class:`AgentSpec`). It is loaded on first use, inside a wrapper that makes it observable, and a failure to load it is
always an error: nothing ever gets None in place of an agent.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from backend.agents.xai import create_xai_wrapper

logger = logging.getLogger(__name__)

ENTRY_POINTS = "brick_os.agents"


@dataclass(frozen=True)
class AgentSpec:
    """A declared agent. ``inputs`` and ``outputs`` are keys of its parameters and of its result.

    ``joins`` "physics" has the physics stage of every run ask it beside the members of the physics agent.
    """

    name: str
    module: str
    class_name: str
    purpose: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    timeout_s: float = 60.0
    retries: int = 0
    joins: Literal["", "physics"] = ""


DECLARED: tuple[AgentSpec, ...] = (
    AgentSpec(
        "ConversationalAgent",
        "backend.agents.conversational_agent",
        "ConversationalAgent",
        "Reads a brief and holds the conversation that settles what it leaves open.",
        ("brief", "answers"),
        ("intent", "questions"),
        ("intent", "discovery"),
        30,
    ),
    AgentSpec(
        "PlannerAgent",
        "backend.agents.planner_agent",
        "PlannerAgent",
        "Says which steps a design will take, by whom, and why.",
        ("intent", "scheme"),
        ("plan",),
        ("plan",),
        10,
    ),
    AgentSpec(
        "DesignAgent",
        "backend.agents.design_agent",
        "DesignAgent",
        "Sizes the part: free parameters of its family such that the checks hold with least mass.",
        ("intent", "corrections"),
        ("scheme", "requirements", "components"),
        ("sizing",),
        60,
    ),
    AgentSpec(
        "InventorAgent",
        "backend.agents.inventor_agent",
        "InventorAgent",
        "Has a language model propose a part outside the families, and holds it against the compiler and its measures.",
        ("brief", "answers", "llm", "invention", "spent"),
        ("invention", "spent"),
        ("llm", "kcl"),
        600,
    ),
    AgentSpec(
        "GeometryAgent",
        "backend.agents.geometry_agent",
        "GeometryAgent",
        "Writes the part as KCL, compiles it, and proves that the solid is the one that was meant.",
        ("scheme", "kcl_code", "out_dir"),
        ("kcl_code", "compiled", "gltf_data", "geometry_tree", "mass_properties"),
        ("kcl", "brep"),
        180,
        1,
    ),
    AgentSpec(
        "ManifoldAgent",
        "backend.agents.manifold_agent",
        "ManifoldAgent",
        "Checks that meshes are closed, oriented and free of degenerate triangles.",
        ("mesh",),
        ("manifold", "logs"),
        ("mesh",),
        60,
    ),
    AgentSpec(
        "MaterialAgent",
        "backend.agents.material_agent",
        "MaterialAgent",
        "Finds a material and its cited properties at a temperature; says when it has melted.",
        ("material", "temperature_c"),
        ("properties",),
        ("material",),
        10,
    ),
    AgentSpec(
        "StructuralAgent",
        "backend.agents.structural_agent",
        "StructuralAgent",
        "Strength and stiffness: closed forms, then finite elements on the compiled solid.",
        ("scheme", "intent", "compiled"),
        ("fem", "predictions"),
        ("statics", "fem"),
        300,
        1,
    ),
    AgentSpec(
        "ThermalAgent",
        "backend.agents.thermal_agent",
        "ThermalAgent",
        "Equilibrium temperature where the part must shed heat.",
        ("scheme", "intent", "compiled"),
        ("equilibrium_temp_c",),
        ("heat",),
        60,
    ),
    AgentSpec(
        "ChemistryAgent",
        "backend.agents.chemistry_agent",
        "ChemistryAgent",
        "Galvanic couples, fluids at the part, fire and poison; unknown is never safe.",
        ("intent", "material", "components"),
        (),
        ("corrosion", "compatibility", "hazards"),
        10,
    ),
    AgentSpec(
        "EnvironmentAgent",
        "backend.agents.environment_agent",
        "EnvironmentAgent",
        "Gravity, atmosphere, pressure and temperatures of the place that the brief names.",
        ("intent", "environment"),
        ("environment",),
        ("environment",),
        10,
    ),
    AgentSpec(
        "FluidsAgent",
        "backend.agents.fluids_agent",
        "FluidsAgent",
        "Drag of the wind or current that the brief names, against the loads of the design.",
        ("intent", "compiled", "surroundings"),
        ("drag_n",),
        ("drag",),
        10,
    ),
    AgentSpec(
        "ElectronicsAgent",
        "backend.agents.electronics_agent",
        "ElectronicsAgent",
        "Solves the design's netlist by ngspice and holds its voltages against their limits.",
        ("netlist", "node_limits", "intent"),
        ("operating_point",),
        ("circuits",),
        30,
    ),
    AgentSpec(
        "ControlAgent",
        "backend.agents.control_agent",
        "ControlAgent",
        "Designs or checks the PID or LQR controller of the design's plant, with margins.",
        ("plant", "controller"),
        ("gains",),
        ("control",),
        30,
    ),
    AgentSpec(
        "PhysicsAgent",
        "backend.agents.physics_agent",
        "PhysicsAgent",
        "Runs the physics agents side by side and merges their reports.",
        ("intent", "scheme", "compiled", "work_dir"),
        ("reports", "surroundings"),
        ("physics",),
        900,
    ),
    AgentSpec(
        "ManufacturingAgent",
        "backend.agents.manufacturing_agent",
        "ManufacturingAgent",
        "Limits of the process, bill of materials and its cost where a source is known.",
        ("scheme", "intent", "compiled"),
        ("bom", "components", "plan"),
        ("bom", "dfm"),
        60,
    ),
    AgentSpec(
        "VerificationAgent",
        "backend.agents.verification_agent",
        "VerificationAgent",
        "Holds every requirement against the evidence; pass only where every required check ran and passed.",
        ("requirements", "checks"),
        ("verification",),
        ("verdict",),
        10,
    ),
    AgentSpec(
        "DocumentAgent",
        "backend.agents.document_agent",
        "DocumentAgent",
        "Writes the dossier: report, model files, bill of materials and the whole state.",
        ("state", "work_dir", "out_dir"),
        ("files",),
        ("report",),
        120,
    ),
    AgentSpec(
        "QualityReviewAgent",
        "backend.agents.quality_review_agent",
        "QualityReviewAgent",
        "Holds the finished package against the brief and itself: files, STEP read back, program, masses, units.",
        ("state", "requirements", "files", "manifest", "sources"),
        ("review",),
        ("review",),
        90,
    ),
)


class _Available(Mapping[str, tuple[str, str]]):
    """The seed's view of the declarations: name -> (module, class)."""

    def __init__(self, specs: dict[str, AgentSpec]) -> None:
        self._specs = specs

    def __getitem__(self, name: str) -> tuple[str, str]:
        spec = self._specs[name]
        return spec.module, spec.class_name

    def __iter__(self) -> Any:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)


class GlobalAgentRegistry:
    """The agents of this process."""

    def __init__(self, declared: tuple[AgentSpec, ...] = DECLARED) -> None:
        self._specs: dict[str, AgentSpec] = {spec.name: spec for spec in declared}
        self._agents: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._initialized = False
        self.AVAILABLE_AGENTS: Mapping[str, tuple[str, str]] = _Available(self._specs)

    def initialize(self) -> None:
        """Take in the agents of other packages, and make sure that the module of each declared agent exists.

        No agent is loaded yet. Raises RuntimeError naming all modules that are missing.
        """
        with self._lock:
            for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
                self._declare_foreign(entry)
            missing = []
            for spec in self._specs.values():
                try:
                    found = importlib.util.find_spec(spec.module)
                except (ImportError, ValueError):
                    found = None
                if found is None:
                    missing.append(f"{spec.name} ({spec.module})")
            if missing:
                raise RuntimeError(f"Critical agents failed to load: no module for {', '.join(missing)}.")
            self._initialized = True

    def _declare_foreign(self, entry: importlib.metadata.EntryPoint) -> None:
        try:
            spec = entry.load()
        except Exception as error:
            raise RuntimeError(
                f"Critical agent '{entry.name}' failed to load. Module: {entry.value}. Error: {error}"
            ) from error
        if not isinstance(spec, AgentSpec):
            raise RuntimeError(
                f"Critical agent '{entry.name}' failed to load. Module: {entry.value}. "
                f"Error: the entry point gives a {type(spec).__name__}, expected an AgentSpec"
            )
        self.declare(spec)

    def declare(self, spec: AgentSpec) -> None:
        """Add an agent. Raises RuntimeError where another one has its name."""
        with self._lock:
            known = self._specs.get(spec.name)
            if known is not None and known != spec:
                raise RuntimeError(
                    f"Agent '{spec.name}' is declared twice: in {known.module} and in {spec.module}. Rename one."
                )
            self._specs[spec.name] = spec

    def _lazy_load(self, name: str) -> Any:
        """
        Load agent by name with strict error handling.
        Raises RuntimeError on failure - never returns None.
        """
        try:
            module_path, class_name = self.AVAILABLE_AGENTS[name]
            module = importlib.import_module(module_path)
            agent_class = getattr(module, class_name)
            instance = create_xai_wrapper(agent_class())
        except (ImportError, AttributeError, KeyError, TypeError) as error:
            cause = f"no agent of that name; there are {', '.join(self._specs)}" if name not in self._specs else error
            logger.error("Failed to load agent %s: %s", name, cause)
            raise RuntimeError(
                f"Critical agent '{name}' failed to load. "
                f"Module: {self.AVAILABLE_AGENTS.get(name, 'UNKNOWN')}. "
                f"Error: {cause}"
            ) from error
        except Exception as error:
            logger.critical("Unexpected error loading agent %s: %s", name, error)
            raise RuntimeError(
                f"Unexpected failure loading agent {name} ({self.AVAILABLE_AGENTS.get(name)}): {error}"
            ) from error
        self._agents[name] = instance
        logger.info("Lazy loaded agent: %s", name)
        return instance

    def get_agent(self, name: str) -> Any:
        """The agent of that name, made on first use. Raises RuntimeError naming module and cause."""
        with self._lock:
            return self._agents[name] if name in self._agents else self._lazy_load(name)

    def spec(self, name: str) -> AgentSpec:
        """What is declared of an agent. Raises RuntimeError where there is none of that name."""
        with self._lock:
            if name not in self._specs:
                raise RuntimeError(f"There is no agent '{name}'; there are {', '.join(self._specs)}.")
            return self._specs[name]

    def joining(self, stage: str) -> dict[str, str]:
        """The agents that join this stage: short name in its merged report ("weight") -> name ("WeightAgent")."""
        with self._lock:
            found = [spec.name for spec in self._specs.values() if spec.joins == stage]
        return {name.removesuffix("Agent").lower(): name for name in found}

    def describe(self) -> list[dict[str, Any]]:
        """All declared agents as plain data, with whether each is loaded."""
        with self._lock:
            return [{**asdict(spec), "loaded": spec.name in self._agents} for spec in self._specs.values()]


registry = GlobalAgentRegistry()
