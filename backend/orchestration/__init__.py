"""The parts of the orchestrator: the state of a run, its nodes, the graph, and runs in the background."""
