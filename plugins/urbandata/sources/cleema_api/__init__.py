"""Challenges, projects, offers and surveys of the Cleema app from its public API."""
