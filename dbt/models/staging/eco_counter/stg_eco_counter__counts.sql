with

source as not materialized (
    select * from {{ source('eco_counter', 'counts') }}
),

channels as (
    select
        _payload_id,
        channel,
        site_id,
        site_name,
        channel_id,
        channel_name,
        channel_id = site_id as is_site_total
    from {{ source('eco_counter', 'channels') }}
),

-- Of a clock reading that occurs twice, DuckDB takes the later instant (winter time).
instants as not materialized (
    select
        *,
        {{ local_instant('measured_local') }} as started_at,
        -- since 1980 summer time has ended at three on a Sunday of these months
        coalesce(
            hour(measured_local) = 2
            and isodow(measured_local) = 7
            and month(measured_local) in (9, 10),
            false
        ) as may_be_doubled
    from source
),

-- Readings of the doubled hour: of two in one file the first is summer time.
numbered as not materialized (
    select
        *,
        {{ local_clock('started_at - interval 1 hour') }} = measured_local as is_doubled,
        row_number() over readings as number,
        count(*) over (partition by _payload_id, channel, measured_local) as readings
    from instants
    where may_be_doubled
    window readings as (partition by _payload_id, channel, measured_local order by _row)
),

-- Side by side and not joined: so a filter on time or load reaches the rows as they are stored.
told_apart as not materialized (
    select
        *,
        false as is_first_of_two,
        false as is_unclear
    from instants
    where not may_be_doubled
    union all
    select
        * exclude (is_doubled, number, readings),
        is_doubled and readings = 2 and number = 1 as is_first_of_two,
        is_doubled and readings <> 2 as is_unclear
    from numbered
),

final as (
    select
        told_apart._origin as origin,
        channels.site_id,
        channels.site_name,
        channels.channel_id,
        channels.channel_name,
        channels.is_site_total,
        case
            when told_apart.is_first_of_two then told_apart.started_at - interval 1 hour
            else told_apart.started_at
        end as started_at,
        told_apart.measured_local,
        told_apart.count as bicycles,
        told_apart.status = 0 as is_raw,
        (
            coalesce(told_apart.is_unclear, false)
            or {{ local_clock('told_apart.started_at') }} <> told_apart.measured_local
        ) as is_clock_ambiguous,
        told_apart._payload_id,
        told_apart._row,
        told_apart._fetched_at,
        told_apart._load_id
    from told_apart
    -- the door lets no count in without its channel; one would fail the test of whole rows
    left join channels using (_payload_id, channel)
)

select * from final
