"""Meetings, agenda items and organisations of the city council (OParl)."""
