"""``./brick serve``: the API on this machine."""

from __future__ import annotations

from backend.config.settings import is_loopback
from backend.errors import InputError


def serve_command(host: str, port: int, token: str | None) -> int:
    """Runs the server until it is stopped. Beyond loopback an access token of 16 characters or more is required."""
    if not is_loopback(host) and (token is None or len(token) < 16):
        raise InputError(
            f"Binding {host} makes the server reachable from other machines, and no access token of at least "
            "16 characters was given.",
            next_action="Use --host 127.0.0.1, or set BRICK_ACCESS_TOKEN to a long random text.",
        )
    import uvicorn

    from backend.config.settings import get_settings
    from backend.main import create_app
    from backend.monitoring.journal import set_up_log

    set_up_log(get_settings().log_level)
    # Events are short: compressing each for each client costs more than it saves, and 100 kB a client.
    uvicorn.run(create_app(access_token=token), host=host, port=port, log_level="info", ws_per_message_deflate=False)
    return 0
