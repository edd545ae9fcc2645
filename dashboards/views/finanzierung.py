"""Page: money and milestones."""

from sections import finance, milestones
from shell import close_page, open_page

view = open_page("nav.finanzierung", "finance.lead")
finance.phases(view)
finance.course(view)
finance.measures(view)
milestones.show(view)
close_page(view, measure="programme")
