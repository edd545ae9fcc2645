"""Monthly air-quality files of the Saxon measuring network."""
