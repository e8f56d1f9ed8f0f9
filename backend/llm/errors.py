"""What goes wrong with a language model, as types: who is at fault decides whether it is tried again."""

from __future__ import annotations

from backend.errors import BrickError


class LlmError(BrickError):
    """A language model could not make a proposal. ``passing`` tells whether trying again may help."""

    code = "llm_failed"
    http_status = 502
    passing = False


class OfflineError(LlmError):
    """Something was asked that only a language model could answer, and none is set up."""

    code = "llm_offline"
    exit_code = 2
    http_status = 422


class LlmTimeout(LlmError):
    """It did not answer in time."""

    code = "llm_timeout"
    http_status = 504
    passing = True


class LlmUnavailable(LlmError):
    """It could not be reached, broke off in the middle, or failed on its side."""

    code = "llm_unavailable"
    http_status = 503
    passing = True


class LlmRateLimited(LlmError):
    """It asks to wait. ``details["retry_after_s"]`` is how long, where it says so."""

    code = "llm_rate_limited"
    http_status = 503
    passing = True


class LlmRefused(LlmError):
    """It will not answer this."""

    code = "llm_refused"
    http_status = 422


class LlmNonsense(LlmError):
    """What it answered is not of the form that was asked for, several times."""

    code = "llm_nonsense"


class LlmDenied(LlmError):
    """The key, the model's name or the request was not accepted."""

    code = "llm_denied"
    exit_code = 2
    http_status = 422


class LlmBudget(LlmError):
    """The run has used up what it may spend."""

    code = "llm_budget"
    exit_code = 1
    http_status = 402


class LlmSettings(LlmError):
    """The provider that was asked for is not set up."""

    code = "llm_not_set_up"
    exit_code = 2
    http_status = 422
