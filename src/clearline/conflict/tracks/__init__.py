"""Tracks: pairs that lose separation, tracks in volumes, tracks beside their own notice. Pure."""
