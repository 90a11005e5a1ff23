"""Live tracks on this node: what is seen now, and what is found among it. Pure; local only."""
