"""Page: the marts for researchers."""

from sections import research
from shell import close_page, open_page

view = open_page("nav.forschung", "research.lead")
research.browser(view)
research.query(view)
close_page(view)
