"""One typed door to every language model provider; offline is a provider too, and the default.

A provider only proposes typed objects; the same validators decide over them as over everything else.
"""

from backend.llm.accounts import Account, Spent, joined, noted, written_down
from backend.llm.door import Chain, available, choose
from backend.llm.errors import LlmBudget, LlmError, OfflineError
from backend.llm.provider import OfflineProvider, Provider, Terms

__all__ = [
    "Account",
    "Chain",
    "LlmBudget",
    "LlmError",
    "OfflineError",
    "OfflineProvider",
    "Provider",
    "Spent",
    "Terms",
    "available",
    "choose",
    "joined",
    "noted",
    "written_down",
]
