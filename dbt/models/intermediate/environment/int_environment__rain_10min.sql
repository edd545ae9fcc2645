{% set slice = ['origin', 'station_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

dwd as not materialized (
    select
        origin,
        'dwd:' || station_id as station_id,
        interval_end_at - interval 10 minutes as started_at,
        interval_end_at as ended_at,
        precipitation_mm,
        _payload_id,
        _row,
        _fetched_at,
        _load_id,
        _load_id as known_load_id
    from {{ ref('stg_dwd_rain__ten_minutes') }}
),

-- observations count from the load that told what their datastream measures
gauges as (
    select
        origin,
        datastream_id,
        min(_load_id) as known_load_id
    from {{ ref('stg_sensorthings__datastreams') }}
    where observed_property = 'rain' and lower(unit) in ('mm', 'millimeter', 'l/m²', 'l/m2')
    group by origin, datastream_id
),

sensors as not materialized (
    select
        observations.origin,
        'sensorthings:' || observations.datastream_id as station_id,
        observations.started_at,
        observations.ended_at,
        observations.result as precipitation_mm,
        observations._payload_id,
        observations._row,
        observations._fetched_at,
        observations._load_id,
        gauges.known_load_id
    from {{ ref('stg_sensorthings__observations') }} as observations
    inner join gauges
        on
            observations.origin = gauges.origin
            and observations.datastream_id = gauges.datastream_id
    where
        observations.started_at < observations.ended_at
        and epoch_us(observations.ended_at) - epoch_us(observations.started_at) <= 600000000
),

spans as not materialized (
    select * from dwd
    union all
    select * from sensors
),

slotted as not materialized (
    select
        *,
        make_timestamptz(((epoch_us(ended_at) - 1) // 600000000 + 1) * 600000000)
            as interval_end_at,
        {{ local_date('make_timestamptz(epoch_us(ended_at) - 1)') }} as local_date
    from spans
),

newly_known as (
    select
        origin,
        'sensorthings:' || datastream_id as station_id
    from gauges
    {%- if is_incremental() %}
    where known_load_id > (select coalesce(max(load_id), -1) from {{ this }})
    {%- endif %}
),

-- asked apart: without such datastreams, which is the rule, old rows are not read
touches as (
    {{ touched('slotted', slice) }}
    union all
    select
        origin,
        station_id,
        local_date,
        max(known_load_id) as load_id
    from slotted
    semi join newly_known using (origin, station_id)
    group by origin, station_id, local_date
),

slices as (
    select
        origin,
        station_id,
        local_date,
        max(load_id) as load_id
    from touches
    group by origin, station_id, local_date
),

candidates as (
    select
        slotted.*,
        slices.load_id
    from slotted
    inner join slices using (origin, station_id, local_date)
    {{ near_slices('slotted.started_at') }}
),

latest as (
    select *
    from candidates
    {{ keep_last(['origin', 'station_id', 'started_at', 'ended_at']) }}
),

-- shorter spans add up to a slot only when they fill it; windows and no groups, because a group's
-- highest text is held outside of DuckDB's memory limit
final as (
    select
        origin,
        station_id,
        interval_end_at,
        local_date,
        case
            when
                count(precipitation_mm) over slot = count(*) over slot
                and sum(epoch_us(ended_at) // 1000000 - epoch_us(started_at) // 1000000) over slot
                = 600
                then round(sum(precipitation_mm) over slot, 2)
        end as precipitation_mm,
        _payload_id as payload_id,
        max(load_id) over slot as load_id
    from latest
    window slot as (partition by origin, station_id, interval_end_at, local_date)
    qualify row_number() over (
        partition by origin, station_id, interval_end_at, local_date
        order by _payload_id desc, started_at
    ) = 1
)

select * from final
