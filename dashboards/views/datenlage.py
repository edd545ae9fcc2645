"""Page: the state of the data."""

from sections import health
from shell import close_page, open_page

view = open_page("nav.datenlage", "lage.lead")
health.overview(view)
health.detail(view)
health.quarantine(view)
health.builds(view)
health.data_docs(view)
close_page(view)
