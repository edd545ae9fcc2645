"""Load curves of meters as EDIFACT messages (MSCONS)."""
