"""What the command line does, one module a command; imported only when the command is called."""
