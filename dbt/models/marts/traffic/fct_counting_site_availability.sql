with

bikes as (
    select * from {{ ref('fct_bike_counts_daily') }}
),

motor as (
    select * from {{ ref('fct_motor_traffic_daily') }}
),

measured as (
    select
        origin,
        'bike' as network,
        site_id,
        local_date,
        counted_intervals,
        expected_intervals
    from bikes
    union all
    select
        origin,
        'motor' as network,
        site_id,
        local_date,
        counted_intervals,
        expected_intervals
    from motor
),

-- the newest day may not be over, a site's first may have begun late
networks as (
    select
        origin,
        network,
        max(local_date) - 1 as last_day
    from measured
    group by origin, network
),

sites as (
    select
        origin,
        network,
        site_id,
        min(local_date) + 1 as first_day,
        quantile_disc(expected_intervals, 0.5) as usual_intervals
    from measured
    group by origin, network, site_id
),

-- a site that sent nothing all day has no row anywhere: its days come from the calendar
days as (
    select
        sites.origin,
        sites.network,
        sites.site_id,
        sites.usual_intervals,
        unnest(
            generate_series(sites.first_day, networks.last_day, interval 1 day)
        )::date as local_date
    from sites
    inner join networks
        on sites.origin = networks.origin and sites.network = networks.network
),

final as (
    select
        days.origin,
        days.network,
        days.site_id,
        days.local_date,
        least(
            coalesce(measured.counted_intervals, 0),
            coalesce(measured.expected_intervals, days.usual_intervals)
        ) as valid_intervals,
        coalesce(measured.expected_intervals, days.usual_intervals) as expected_intervals,
        round(100.0 * valid_intervals / expected_intervals, 2)::double as availability_pct
    from days
    left join measured
        on
            days.origin = measured.origin
            and days.network = measured.network
            and days.site_id = measured.site_id
            and days.local_date = measured.local_date
)

select * from final
