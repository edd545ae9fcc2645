"""Page: water, heavy rain, warnings, air and heat."""

from queries import environment
from sections import air, headline, heat, period, places, water
from shell import close_page, open_page

view = open_page("nav.umwelt", "umwelt.lead")
headline.show(view)
stations = view.read(environment.stations, view.origin)
shown = period.choose(view)
water.gauge(view, shown, stations)
water.rain(view, shown, stations)
water.warnings(view, shown)
air.show(view)
heat.show(view, stations)
places.show(view, stations)
close_page(view, measure="environment")
