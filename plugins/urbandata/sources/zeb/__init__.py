"""Condition of the roads: survey deliveries of several formats, and ratings of other cities."""
