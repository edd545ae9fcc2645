"""Layers of the city's OGC API, asked as its other layers are; here without a span of time."""

from urbandata.sources.dresden_ogc_features.fetch import follow, requests

__all__ = ["follow", "requests"]
