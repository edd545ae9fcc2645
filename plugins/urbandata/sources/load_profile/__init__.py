"""Load profiles of buildings as CSV and Excel files, measured and normalised."""
