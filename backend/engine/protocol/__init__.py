"""The public modeling protocol: frames, the registry of commands, sessions and the websocket server."""
