with

source as (
    select * from {{ source('vvo_departures', 'departures') }}
),

states as (
    select
        *,
        coalesce(state, '') ilike 'cancel%' as is_cancelled
    from source
),

final as (
    select
        _origin as origin,
        stop_id,
        stop_name,
        departure_id,
        line,
        direction,
        case
            when mode = 'Tram' then 'tram'
            when mode in ('CityBus', 'IntercityBus', 'PlusBus', 'Bus') then 'bus'
            when mode in ('SuburbanRailway', 'Train', 'RapidTransit') then 'train'
            when mode = 'Ferry' then 'ferry'
            else 'other'
        end as mode,
        scheduled_at,
        case when not is_cancelled then real_at end as real_at,
        case when not is_cancelled then date_diff('second', scheduled_at, real_at) end as delay_s,
        is_cancelled,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from states
)

select * from final
