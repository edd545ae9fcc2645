{% set most_pooled = 0.2 %}
with

published as (
    select * from {{ ref('int_participation__published_groups') }}
    where group_kind = 'borough'
),

residents as (
    select
        borough_number,
        register_population_2025 / sum(register_population_2025) over () as share
    from {{ ref('boroughs') }}
),

-- a year is told over all platforms, a process belongs to one
slices as (
    select
        origin,
        slice_kind,
        case slice_kind when 'process' then platform else 'all' end as slice_platform,
        slice,
        platform,
        sum(people) filter (group_name <> 'unbekannt') as located,
        coalesce(sum(people) filter (group_name = '-'), 0) as pooled,
        sum(people) as people
    from published
    group by all
),

wholes as (
    select
        origin,
        slice_kind,
        slice_platform,
        slice,
        sum(located) as located,
        sum(pooled) as pooled,
        sum(people) as people
    from slices
    group by all
    having sum(located) > 0
),

-- a borough that some platform does not tell of may be among its small ones
boroughs as (
    select
        slices.origin,
        slices.slice_kind,
        slices.slice_platform,
        slices.slice,
        residents.borough_number,
        any_value(residents.share) as share,
        coalesce(sum(published.people), 0) as people,
        bool_or(slices.pooled > 0 and published.people is null) as is_pooled
    from slices
    cross join residents
    left join published
        on
            slices.origin = published.origin
            and slices.platform = published.platform
            and slices.slice_kind = published.slice_kind
            and slices.slice = published.slice
            and residents.borough_number = published.group_name
    group by all
),

-- shares of participants and residents: of boroughs told one by one, and of the others together
sums as (
    select
        origin,
        slice_kind,
        slice_platform,
        slice,
        any_value(wholes.people) as people,
        any_value(wholes.located) as located,
        count(*) filter (not boroughs.is_pooled and boroughs.people > 0) as boroughs_told,
        coalesce(sum(abs(boroughs.people / wholes.located - boroughs.share)) filter (
            not boroughs.is_pooled
        ), 0) as apart,
        (
            any_value(wholes.pooled)
            + coalesce(sum(boroughs.people) filter (boroughs.is_pooled), 0)
        ) / any_value(wholes.located) as pooled_share,
        coalesce(sum(boroughs.share) filter (boroughs.is_pooled), 0) as pooled_residents,
        coalesce(min(boroughs.share) filter (boroughs.is_pooled), 0) as smallest_share
    from boroughs
    inner join wholes using (origin, slice_kind, slice_platform, slice)
    group by all
),

-- Within what is put together people may be spread as the residents are, or all of them live in
-- the smallest of these boroughs.
bounds as (
    select
        *,
        1 - (apart + abs(pooled_share - pooled_residents)) / 2 as high,
        1 - (
            apart + pooled_residents - smallest_share + abs(pooled_share - smallest_share)
        ) / 2 as low
    from sums
),

final as (
    select
        origin,
        slice_platform as platform,
        slice_kind,
        slice,
        located::bigint as people,
        boroughs_told,
        100.0 * located / people as coverage_pct,
        low,
        case when pooled_share <= {{ most_pooled }} then (low + high) / 2 end as value,
        high
    from bounds
)

select * from final
