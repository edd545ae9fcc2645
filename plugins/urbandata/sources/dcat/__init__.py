"""Catalogues in RDF after DCAT-AP.de."""
