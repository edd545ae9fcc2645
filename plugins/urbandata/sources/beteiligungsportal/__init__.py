"""Export of the Saxon participation portal: procedures, contributions, groups of participants."""
