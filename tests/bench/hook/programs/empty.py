"""Nothing but the interpreter."""
