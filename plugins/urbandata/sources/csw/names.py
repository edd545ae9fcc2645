"""Namespaces of CSW 2.0.2 with Dublin Core records."""

CSW = "http://www.opengis.net/cat/csw/2.0.2"
DC = "http://purl.org/dc/elements/1.1/"
DCT = "http://purl.org/dc/terms/"
OWS = "http://www.opengis.net/ows"
OWS_11 = "http://www.opengis.net/ows/1.1"
