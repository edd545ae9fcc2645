"""Proposals, debates and budget investments of a CONSUL Democracy platform, as counts."""
