"""Research releases: what a published build holds, as an immutable folder anybody can open."""
