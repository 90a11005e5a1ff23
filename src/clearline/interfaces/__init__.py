"""One folder for each outside language; none of them sees another."""
