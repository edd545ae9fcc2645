-- Three minutes lie within five, and nobody is punctual who was not tracked.
select *
from {{ ref('fct_punctuality_daily') }}
where
    within_3_min > within_5_min
    or within_5_min + early > tracked
    or tracked + cancelled > departures
