"""Texts of the page for researchers."""

TEXTS: dict[str, tuple[str, str]] = {}
