"""Milestones, spending, decisions and offices of the programme, as filled-in sheets."""
