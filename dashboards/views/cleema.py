"""Page: what Cleema saved, how sure that is, and who takes part."""

from sections import cleema, cleema_people, cleema_scenario
from shell import close_page, open_page

view = open_page("nav.cleema", "cleema.lead")
cleema.numbers(view)
cleema.course(view)
cleema.actions(view)
cleema_scenario.show(view)
cleema_people.sensitivity(view)
cleema_people.activity(view)
cleema_people.coverage(view)
cleema.factors(view)
cleema.assumptions(view)
close_page(view, measure="cleema")
