"""The drop-in modeling server: the public modeling protocol for any client, each session in a worker of its own.

The process that listens holds no kernel: it relays frames between sockets and supervised workers and watches time and
memory. A crash or a hang of the kernel ends one session, and its client is told why.
"""

from backend.modeling_api.limits import Limits

__all__ = ["Limits"]
