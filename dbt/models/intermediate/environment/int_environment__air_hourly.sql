{% set slice = ['origin', 'station_code', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

uba as not materialized (
    select
        origin,
        'uba_air' as source_key,
        coalesce(station_code, 'UBA' || station_id) as station_code,
        pollutant,
        interval_start_at,
        coalesce(value_ug_m3, value_mg_m3 * 1000) as value_ug_m3,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from {{ ref('stg_uba_air__measures') }}
),

saxony as not materialized (
    select
        origin,
        'saxony_air' as source_key,
        coalesce(station_code, station_name) as station_code,
        pollutant,
        interval_start_at,
        {{ micrograms('value', 'unit') }} as value_ug_m3,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from {{ ref('stg_saxony_air__measurements') }}
    where averaging = 'hour' and {{ is_concentration('unit') }}
),

hours as not materialized (
    select
        *,
        {{ cet_date('interval_start_at') }} as local_date
    from (
        select * from uba
        union all
        select * from saxony
    )
),

slices as (
    {{ touched('hours', slice) }}
),

candidates as (
    select
        hours.*,
        slices.load_id
    from hours
    inner join slices using (origin, station_code, local_date)
    {{ near_slices('hours.interval_start_at') }}
),

latest as (
    select *
    from candidates
    {{ keep_last(['origin', 'source_key', 'station_code', 'pollutant', 'interval_start_at']) }}
),

-- both publish the same analysers: UBA counts, Saxony fills what UBA lacks
final as (
    select
        origin,
        station_code,
        pollutant,
        interval_start_at,
        local_date,
        value_ug_m3,
        source_key,
        _payload_id as payload_id,
        load_id
    from latest
    qualify row_number() over (
        partition by origin, station_code, pollutant, interval_start_at
        order by value_ug_m3 is null, source_key = 'saxony_air'
    ) = 1
)

select * from final
