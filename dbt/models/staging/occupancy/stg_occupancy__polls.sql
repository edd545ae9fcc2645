with

source as (
    select * from {{ source('occupancy', 'polls') }}
),

shares as (
    select
        *,
        -- collectors that say "closed" put a placeholder where the number belongs
        case
            when is_open is false then null
            when persons is not null and capacity > 0 then 100.0 * persons / capacity
            when percent_means = 'free' then 100.0 - percent
            when percent_means = 'taken' then percent
        end as taken_pct
    from source
),

final as (
    select
        _origin as origin,
        facility_name,
        facility_type,
        coalesce(
            measured_at, measured_local at time zone 'Europe/Berlin', _fetched_at
        ) as measured_at,
        measured_at is null as is_time_assumed,
        persons,
        capacity,
        percent as stated_pct,
        percent_means as stated_pct_means,
        taken_pct,
        is_open as is_said_to_be_open,
        coalesce(series = 'forecast', false) as is_forecast,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from shares
)

select * from final
