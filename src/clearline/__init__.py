"""Clearline: a deconfliction line that parties can run without trusting each other."""

__version__ = "0.1.0"
