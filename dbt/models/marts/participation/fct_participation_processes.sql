{% set least_people = 30 %}
{% set least_boroughs = 3 %}
with

processes as (
    select * from {{ ref('int_participation__processes') }}
),

-- with fewer boroughs the index and the groups of the year would tell the groups of the process
representativeness as (
    select
        origin,
        slice as process_id,
        platform,
        value
    from {{ ref('int_participation__representativeness') }}
    where
        slice_kind = 'process'
        and people >= {{ least_people }}
        and boroughs_told >= {{ least_boroughs }}
),

final as (
    select
        processes.*,
        round(representativeness.value, 3)::double as representativeness
    from processes
    left join representativeness using (origin, platform, process_id)
)

select * from final
