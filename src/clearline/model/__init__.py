"""What the world is made of. Pure: no I/O, no clock, imports nothing else of ours."""
