"""Projects and ideas of an adhocracy+ platform, as counts."""
