"""Page: one action field of the strategy."""

from sections import subjects
from shell import close_page, open_page

view = open_page("nav.handlungsfelder", "handlungsfelder.lead")
subjects.action_field(view)
close_page(view)
