"""The cycle: the transition table, the one door `advance`, a module for each stage."""
