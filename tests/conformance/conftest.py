"""Fixtures for conformance: the independent verifier of feeds, built once a session."""

from tests.conformance.go_verifier import go_verifier

__all__ = ["go_verifier"]
