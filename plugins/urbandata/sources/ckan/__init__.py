"""Catalogues that speak the API of CKAN, and dumps of their relatives."""
