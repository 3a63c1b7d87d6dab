"""The `slm` command: a module a noun."""
