"""Keep OCCT from writing to standard output, where ``brick run --json`` prints its one object. Needs OCP."""

from __future__ import annotations

from OCP.Message import Message


def silence_occt() -> None:
    """Remove OCCT's message printers from this process; failures reach us as statuses and exceptions all the same."""
    messenger = Message.DefaultMessenger_s()
    for printer in list(messenger.Printers()):
        messenger.RemovePrinter(printer)
