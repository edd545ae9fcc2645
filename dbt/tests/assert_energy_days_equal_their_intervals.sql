-- A late value that reached only one of the two tables would show here; and no site uses more of
-- its own than it generates.
with

intervals as (
    select
        origin,
        site,
        local_date,
        sum(load_kwh) as load_kwh,
        sum(grid_import_kwh) filter (where consumption_kwh is not null) as grid_import_kwh
    from {{ ref('fct_energy_balance_15min') }}
    group by origin, site, local_date
)

select
    days.origin,
    days.site,
    days.local_date,
    days.load_kwh,
    intervals.load_kwh as sum_of_intervals_kwh
from {{ ref('fct_energy_daily') }} as days
left join intervals
    on
        days.origin = intervals.origin
        and days.site = intervals.site
        and days.local_date = intervals.local_date
where
    abs(coalesce(days.load_kwh, 0) - coalesce(intervals.load_kwh, 0)) > 0.01
    or abs(coalesce(days.grid_import_kwh, 0) - coalesce(intervals.grid_import_kwh, 0)) > 0.01
    or days.self_consumed_kwh > days.generation_kwh + 0.01
    or days.balance_intervals > days.expected_intervals
    or days.load_intervals > days.expected_intervals
