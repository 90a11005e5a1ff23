"""Drafts of agreements to start from: package data, one TOML file each."""
