"""Page: the strategy update – new editions, their way to release, and the editors' texts."""

from sections import editions, editor
from shell import close_page, open_page

view = open_page("nav.fortschreibung", "fort.lead")
editions.new(view)
editions.listed(view)
editor.show(view)
close_page(view)
