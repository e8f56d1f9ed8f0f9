"""The agents: state in, report out; each a thin face on a room below. Loaded on first use by the registry."""
