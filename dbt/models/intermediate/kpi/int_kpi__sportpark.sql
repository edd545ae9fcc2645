with

hours as (
    select * from {{ ref('fct_facility_hours') }}
),

bookings as (
    select * from {{ ref('fct_facility_bookings') }}
),

-- days the calendars speak of
spans as (
    select
        origin,
        min(local_date) as first_day,
        max(local_date) as last_day
    from hours
    group by origin
),

utilisation as (
    select
        hours.origin,
        period_kind,
        {{ period_start('hours.local_date') }} as period_start,
        sum(hours.booked_minutes)::bigint as booked,
        sum(hours.bookable_minutes)::bigint as bookable,
        count(distinct hours.local_date) as days
    from hours
    cross join {{ period_kinds() }}
    group by all
),

covered as (
    select
        origin,
        period_kind,
        period_start,
        100.0 * days / {{ period_days() }} as coverage_pct
    from utilisation
),

past as (
    select bookings.*
    from bookings
    inner join spans
        on bookings.origin = spans.origin and bookings.local_date <= spans.last_day
),

attended as (
    select
        past.origin,
        period_kind,
        {{ period_start('past.local_date') }} as period_start,
        count(*) filter (where past.outcome = 'absent') as absent,
        count(*) filter (where past.outcome in ('absent', 'kept')) as judged,
        count(*) filter (where past.outcome in ('absent', 'kept', 'unknown', 'ahead')) as booked
    from past
    cross join {{ period_kinds() }}
    group by all
),

-- a series is asked for once
requests as (
    select
        origin,
        series_id,
        min({{ local_date('requested_at') }}) as local_date,
        min(answer_h) as answer_h
    from bookings
    where answer_h is not null
    group by origin, series_id
),

answered as (
    select
        requests.origin,
        period_kind,
        {{ period_start('requests.local_date') }} as period_start,
        median(requests.answer_h) as median_h,
        quantile_cont(requests.answer_h, 0.25) as lower_h,
        quantile_cont(requests.answer_h, 0.75) as upper_h,
        count(*) as n
    from requests
    cross join {{ period_kinds() }}
    group by all
),

shares as (
    select
        past.origin,
        period_kind,
        {{ period_start('past.local_date') }} as period_start,
        sum(past.minutes) as minutes,
        count(*) as n,
        sum(past.minutes) filter (where past.booking_group = 'club') as club,
        sum(past.minutes) filter (where past.booking_group = 'school') as school,
        sum(past.minutes) filter (where past.booking_group = 'person') as person,
        sum(past.minutes) filter (where past.team in ('women', 'youth')) as women_youth
    from past
    cross join {{ period_kinds() }}
    where past.takes_place
    group by all
),

consumption as (
    select
        monthly.origin,
        period_kind,
        {{ period_start('monthly.month') }} as period_start,
        sum(coalesce(monthly.electricity_kwh, 0) + coalesce(monthly.heat_kwh, 0)) filter (
            where coalesce(monthly.electricity_kwh, monthly.heat_kwh) is not null
        ) as kwh,
        sum(monthly.booked_hours) filter (
            where coalesce(monthly.electricity_kwh, monthly.heat_kwh) is not null
        ) as kwh_hours,
        sum(monthly.water_m3) as m3,
        sum(monthly.booked_hours) filter (where monthly.water_m3 is not null) as m3_hours,
        count(*) as n,
        sum(monthly.coverage_pct) / count(distinct monthly.meter_site) as coverage_sum
    from {{ ref('fct_sport_consumption_monthly') }} as monthly
    cross join {{ period_kinds() }}
    group by all
),

measured as (
    select
        'M9.1' as kpi_code,
        origin,
        period_kind,
        period_start,
        100.0 * booked / nullif(bookable, 0) as value,
        null::double as low,
        null::double as high,
        bookable // 60 as n,
        covered.coverage_pct
    from utilisation
    inner join covered using (origin, period_kind, period_start)
    union all
    select
        'M9.2' as kpi_code,
        origin,
        period_kind,
        period_start,
        100.0 * absent / judged as value,
        {{ wilson_pct('absent', 'judged', '-') }} as low,
        {{ wilson_pct('absent', 'judged', '+') }} as high,
        judged as n,
        100.0 * judged / booked as coverage_pct
    from attended
    where judged > 0
    union all
    select
        'M9.3' as kpi_code,
        origin,
        period_kind,
        period_start,
        median_h as value,
        lower_h as low,
        upper_h as high,
        n,
        coalesce(covered.coverage_pct, 0) as coverage_pct
    from answered
    left join covered using (origin, period_kind, period_start)
    union all
    select
        'M9.4' as kpi_code,
        origin,
        period_kind,
        period_start,
        unique_visitors as value,
        null::double as low,
        null::double as high,
        visits as n,
        100 as coverage_pct
    from {{ ref('int_sportpark__app_usage') }}
    where period_kind = 'month' and is_complete and not is_suppressed
    union all
    select
        'M9.5a' as kpi_code,
        origin,
        period_kind,
        period_start,
        kwh / nullif(kwh_hours, 0) as value,
        null::double as low,
        null::double as high,
        kwh_hours::bigint as n,
        coverage_sum / case period_kind when 'year' then 12 else 1 end as coverage_pct
    from consumption
    where kwh_hours > 0
    union all
    select
        'M9.5b' as kpi_code,
        origin,
        period_kind,
        period_start,
        m3 / nullif(m3_hours, 0) as value,
        null::double as low,
        null::double as high,
        m3_hours::bigint as n,
        coverage_sum / case period_kind when 'year' then 12 else 1 end as coverage_pct
    from consumption
    where m3_hours > 0
    {%- for code, part in [
        ('M9.7a', 'club'), ('M9.7b', 'school'), ('M9.7c', 'person'), ('M9.7d', 'women_youth')
    ] %}
    union all
    select
        '{{ code }}' as kpi_code,
        origin,
        period_kind,
        period_start,
        100.0 * coalesce({{ part }}, 0) / minutes as value,
        null::double as low,
        null::double as high,
        n,
        covered.coverage_pct
    from shares
    inner join covered using (origin, period_kind, period_start)
    where minutes > 0
    {%- endfor %}
),

final as (
    select
        kpi_code,
        period_start,
        period_kind,
        'site' as area_kind,
        'site:sportpark-ostra' as area_id,
        round(value, 2)::double as value,
        round(low, 2)::double as low,
        round(high, 2)::double as high,
        n::bigint as n,
        round(least(100, coverage_pct), 2)::double as coverage_pct,
        origin
    from measured
    where value is not null
)

select * from final
