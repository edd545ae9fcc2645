"""Page: one measure of the programme."""

from sections import subjects
from shell import close_page, open_page

view = open_page("nav.massnahmen", "massnahmen.lead")
chosen = subjects.measure(view)
close_page(view, measure=chosen)
