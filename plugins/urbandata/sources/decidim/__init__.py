"""Processes and proposals of a Decidim platform, as dates and counts."""
