"""Settings, policy and the clock: what the rest of the product is told from outside."""
