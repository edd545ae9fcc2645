with

polls as (
    select * from {{ ref('stg_occupancy__polls') }}
    where not is_forecast
    {{ keep_last(['origin', 'facility_name', 'facility_type', 'measured_at']) }}
),

final as (
    select
        polls.origin,
        polls.facility_name,
        polls.facility_type,
        names.facility_id,
        polls.measured_at,
        {{ local_date('polls.measured_at') }} as local_date,
        polls.persons,
        polls.capacity,
        polls.taken_pct,
        polls.is_time_assumed,
        polls._payload_id as payload_id,
        polls._load_id as load_id
    from polls
    left join {{ ref('facility_names') }} as names
        on names.source_key = 'occupancy' and polls.facility_name = names.name
)

select * from final
