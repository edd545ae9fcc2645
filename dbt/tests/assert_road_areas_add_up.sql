-- Boroughs add up to the city, in area and in money, as far as districts are known.
with

boroughs as (
    select
        origin,
        year,
        sum(area_m2) as area_m2,
        sum(backlog_central_eur) as backlog_eur
    from {{ ref('fct_road_condition_by_area') }}
    where area_kind = 'borough'
    group by origin, year
),

unplaced as (
    select
        origin,
        coalesce(sum(area_m2) filter (where borough_number is null), 0) as area_m2
    from {{ ref('fct_road_sections') }}
    group by origin
)

select
    city.origin,
    city.year,
    city.area_m2,
    boroughs.area_m2 as sum_of_boroughs_m2
from {{ ref('fct_road_condition_by_area') }} as city
left join boroughs on city.origin = boroughs.origin and city.year = boroughs.year
left join unplaced on city.origin = unplaced.origin
where
    city.area_kind = 'city'
    and (
        abs(city.area_m2 - boroughs.area_m2 - unplaced.area_m2) > 1
        or (unplaced.area_m2 = 0 and abs(city.backlog_central_eur - boroughs.backlog_eur) > 10)
    )
