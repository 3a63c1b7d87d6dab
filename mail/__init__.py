"""Letters out, answers in."""
