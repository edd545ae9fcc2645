-- One-hour means only (scope 2); other means that came in files stay in the raw table.
with

source as (
    select * from {{ source('uba_air', 'measures') }}
),

final as (
    select
        _origin as origin,
        station_id,
        station_code,
        case component_id
            when 1 then 'PM10'
            when 2 then 'CO'
            when 3 then 'O3'
            when 4 then 'SO2'
            when 5 then 'NO2'
            when 9 then 'PM2.5'
            else 'UBA component ' || component_id
        end as pollutant,
        -- CET all year: an hour ahead of UTC, no summer time
        {{ utc_instant('date_start - interval 1 hour') }} as interval_start_at,
        {{ utc_instant('date_end - interval 1 hour') }} as interval_end_at,
        case when component_id <> 2 then value end as value_ug_m3,
        case when component_id = 2 then value end as value_mg_m3,
        -- the UBA replaces a year's values by final ones in June of the next year
        _fetched_at
        < make_timestamptz(year(date_start) + 1, 7, 1, 0, 0, 0, 'UTC') as is_provisional,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
    where scope_id = 2
)

select * from final
