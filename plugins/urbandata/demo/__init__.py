"""The demo city: an invented world and the sources that report from it over HTTP."""
