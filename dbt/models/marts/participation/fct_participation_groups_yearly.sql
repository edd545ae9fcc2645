with

published as (
    select * from {{ ref('int_participation__published_groups') }}
    where slice_kind = 'year'
),

final as (
    select
        origin,
        platform,
        slice::date as year_start,
        group_kind,
        group_name,
        people
    from published
)

select * from final
