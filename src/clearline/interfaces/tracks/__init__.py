"""Ways in for live tracks: one codec a format (pure), one transport a way. Local only."""
