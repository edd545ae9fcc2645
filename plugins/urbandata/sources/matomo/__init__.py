"""Use of the open-data portal as counted by Matomo."""
