"""The graph: which node runs after which.

gather -> (invent, round by round, where no family describes the part) -> plan -> approve -> geometry ->
validate_geometry -> physics -> verify -> (repair -> plan) | (release -> approve_release, where it was asked for) ->
manufacture -> document -> quality_review. A run ends early where a question is open, a plan or a release is refused, or
an error left nothing to go on with.
"""

from __future__ import annotations

import os
from typing import Any, cast

from backend.orchestration import invention, nodes, release, review
from backend.orchestration.state import RunState

END = "__end__"  # langgraph.graph.END, without importing it here


def after_gather(state: RunState) -> str:
    """On to the plan, unless something must be answered first; to a proposal where no family describes the part."""
    if state["run"].get("invention") and not state["run"]["error"]:
        return "invent"
    return END if state["run"]["error"] or state["design"]["questions"] else "plan"


def after_invent(state: RunState) -> str:
    """Another round, until a program stands or the rounds are used up."""
    if state["run"]["error"] or state["design"]["questions"]:
        return END
    return "plan" if state["run"]["program"] else "invent"


def after_plan(state: RunState) -> str:
    """On to approval, unless no design was found."""
    return END if state["run"]["error"] else "approve"


def after_approve(state: RunState) -> str:
    """On to the model, unless the plan was refused."""
    return END if state["user_approval"] == "rejected" else "geometry"


def after_geometry(state: RunState) -> str:
    """On, unless there is no model."""
    return END if state["run"]["error"] else "validate_geometry"


def after_validation(state: RunState) -> str:
    """To physics, unless the solid is not the one that was meant: there is no sense in proving another part."""
    flags = state["validation"]["flags"]
    sound = flags.get("geometry_as_meant", False)
    return "physics" if sound else "verify"


def after_verify(state: RunState) -> str:
    """Round again where that can mend what failed, else on to manufacture."""
    if state["run"]["error"]:
        return END
    if nodes.can_repair(state):
        return "repair"
    return "release" if release.wanted(state) else "manufacture"


def after_release(state: RunState) -> str:
    """On to what is handed over, unless it was refused."""
    return END if state["user_approval"] == "rejected" else "manufacture"


def after_manufacture(state: RunState) -> str:
    """On to the dossier, unless what would be handed over is not what was released."""
    return END if state["run"]["error"] else "document"


def build_graph(checkpointer: Any = None) -> Any:
    """The compiled graph. ``checkpointer`` keeps the state after every node; approval needs one."""
    # LangGraph's tracer sends runs to a service when told to by the environment; a design never leaves this machine.
    for variable in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        os.environ[variable] = "false"
    from langgraph.graph import StateGraph

    graph = StateGraph(RunState)
    for name, node in (
        ("gather", nodes.gather_node),
        ("invent", invention.invent_node),
        ("plan", nodes.plan_node),
        ("approve", nodes.approve_node),
        ("geometry", nodes.geometry_node),
        ("validate_geometry", nodes.validate_geometry_node),
        ("physics", nodes.physics_node),
        ("verify", nodes.verify_node),
        ("repair", nodes.repair_node),
        ("manufacture", nodes.manufacture_node),
        ("document", nodes.document_node),
        ("release", release.release_node),
        ("approve_release", release.approve_release_node),
        ("quality_review", review.quality_review_node),
    ):
        graph.add_node(name, cast(Any, node))
    graph.add_edge("__start__", "gather")
    graph.add_conditional_edges("gather", after_gather, ["plan", "invent", END])
    graph.add_conditional_edges("invent", after_invent, ["plan", "invent", END])
    graph.add_conditional_edges("plan", after_plan, ["approve", END])
    graph.add_conditional_edges("approve", after_approve, ["geometry", END])
    graph.add_conditional_edges("geometry", after_geometry, ["validate_geometry", END])
    graph.add_conditional_edges("validate_geometry", after_validation, ["physics", "verify"])
    graph.add_edge("physics", "verify")
    graph.add_conditional_edges("verify", after_verify, ["repair", "release", "manufacture", END])
    graph.add_edge("repair", "plan")
    graph.add_edge("release", "approve_release")
    graph.add_conditional_edges("approve_release", after_release, ["manufacture", END])
    graph.add_conditional_edges("manufacture", after_manufacture, ["document", END])
    graph.add_edge("document", "quality_review")
    graph.add_edge("quality_review", END)
    return graph.compile(checkpointer=checkpointer)
