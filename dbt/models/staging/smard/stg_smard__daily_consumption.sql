with

source as (
    select * from {{ source('smard', 'daily_consumption') }}
),

final as (
    select
        _origin as origin,
        dataset as dataset_name,
        region,
        day as local_date,
        cast(day as timestamp) at time zone 'Europe/Berlin' as interval_start_at,
        cast(next_day as timestamp) at time zone 'Europe/Berlin' as interval_end_at,
        quantity as quantity_name,
        case when unit = 'MWh' then value end as energy_mwh,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
