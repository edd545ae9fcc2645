with

passages as (
    select * from {{ ref('int_sportpark__passages') }}
    where facility_id is not null
),

final as (
    select
        origin,
        facility_id,
        quarter_at,
        {{ local_date('quarter_at') }} as local_date,
        sum(people_in) as people_in,
        sum(people_out) as people_out,
        count(distinct device_id) as counters_heard,
        sum(frames_missed) as frames_missed,
        max(load_id) as load_id
    from passages
    group by origin, facility_id, quarter_at
)

select * from final
