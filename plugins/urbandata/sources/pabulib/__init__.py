"""Participatory budgeting: what could be voted for and how many did (.pb files)."""
