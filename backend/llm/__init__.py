"""One typed door to every language model provider; offline is a provider too, and the default.

A provider only proposes typed objects; the same validators decide over them as over everything else.
"""

from backend.llm.provider import OfflineError, OfflineProvider, Provider, choose

__all__ = ["OfflineError", "OfflineProvider", "Provider", "choose"]
