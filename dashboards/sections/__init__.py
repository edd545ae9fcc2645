"""The parts of the pages, one module per subject; each says why when it has nothing to show."""
