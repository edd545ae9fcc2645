"""Page: the state of the data."""

from sections import health, lineage
from shell import close_page, open_page

view = open_page("nav.datenlage", "lage.lead")
health.overview(view)
health.detail(view)
lineage.show(view)
health.quarantine(view)
health.builds(view)
health.data_docs(view)
close_page(view)
