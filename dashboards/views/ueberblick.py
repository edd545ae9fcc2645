"""Page: the whole programme on one screen."""

from sections import overview
from shell import close_page, open_page

view = open_page("nav.ueberblick", "ueberblick.lead")
overview.show(view)
close_page(view)
