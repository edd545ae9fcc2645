with

source as not materialized (
    select * from {{ source('eco_counter', 'counts') }}
),

-- Of a clock reading that occurs twice, DuckDB takes the later instant (winter time).
instants as not materialized (
    select
        *,
        {{ local_instant('measured_local') }} as started_at
    from source
),

-- Readings of the doubled hour: of two in one file the first is summer time.
doubled as (
    select
        _payload_id,
        _row,
        row_number() over readings as number,
        count(*) over (partition by _payload_id, channel_id, measured_local) as readings
    from instants
    where
        month(measured_local) in (9, 10)
        and {{ local_clock('started_at - interval 1 hour') }} = measured_local
    window readings as (partition by _payload_id, channel_id, measured_local order by _row)
),

final as (
    select
        instants._origin as origin,
        instants.site_id,
        instants.site_name,
        instants.channel_id,
        instants.channel_name,
        instants.channel_id = instants.site_id as is_site_total,
        case
            when doubled.readings = 2 and doubled.number = 1
                then instants.started_at - interval 1 hour
            else instants.started_at
        end as started_at,
        instants.measured_local,
        instants.count as bicycles,
        instants.status = 0 as is_raw,
        (
            coalesce(doubled.readings <> 2, false)
            or {{ local_clock('instants.started_at') }} <> instants.measured_local
        ) as is_clock_ambiguous,
        instants._payload_id,
        instants._row,
        instants._fetched_at,
        instants._load_id
    from instants
    left join doubled
        on instants._payload_id = doubled._payload_id and instants._row = doubled._row
)

select * from final
