with

measured as (
    select
        *,
        value is not null
        and not contains(quality_flags, 'low_coverage')
        and not contains(quality_flags, 'few_cases')
        and (period_kind = 'phase' or not contains(quality_flags, 'running_period')) as is_usable
    from {{ ref('kpi_values') }}
),

catalogue as (
    select * from {{ ref('kpi_catalogue') }}
),

-- the newest usable period (over, well covered, enough cases; the phase is judged while it
-- runs); where none is usable, the newest
latest as (
    select measured.*
    from measured
    inner join catalogue
        on
            measured.kpi_code = catalogue.code
            and measured.period_kind = catalogue.status_period
    qualify row_number() over (
        partition by
            measured.kpi_code, measured.origin, measured.area_kind, measured.area_id
        order by measured.is_usable desc, measured.period_start desc
    ) = 1
),

compared as (
    select
        latest.*,
        before.value as value_before,
        before.low as low_before,
        before.high as high_before
    from latest
    left join measured as before
        on
            latest.kpi_code = before.kpi_code
            and latest.origin = before.origin
            and latest.area_kind = before.area_kind
            and latest.area_id = before.area_id
            and latest.period_kind = before.period_kind
            and before.period_start = latest.period_start - interval 1 year
            and before.is_usable
            and latest.is_usable
),

-- a change within 5 %, or one that the range of either value covers, is no trend
trended as (
    select
        *,
        case
            when value_before is null then 'kein Vergleich'
            when abs(value - value_before) <= 0.05 * abs(value_before) then 'gleichbleibend'
            when value_before between low and high then 'gleichbleibend'
            when value between low_before and high_before then 'gleichbleibend'
            when value > value_before then 'steigend'
            else 'fallend'
        end as trend
    from compared
),

judged as (
    select
        trended.*,
        catalogue.target_value as target,
        catalogue.target_high,
        case
            when trended.trend not in ('steigend', 'fallend') then null
            when catalogue.direction = 'up' then trended.trend = 'steigend'
            when catalogue.direction = 'down' then trended.trend = 'fallend'
        end as is_improving,
        case
            when not trended.is_usable then 'nicht auswertbar'
            when catalogue.target_value is null then 'kein Zielwert beschlossen'
            when catalogue.direction = 'down' and trended.value <= catalogue.target_value
                then 'im Zielbereich'
            when catalogue.direction = 'up' and trended.value >= catalogue.target_value
                then 'im Zielbereich'
            when
                catalogue.direction = 'band'
                and trended.value between catalogue.target_value and catalogue.target_high
                then 'im Zielbereich'
            else 'Zielwert verfehlt'
        end as status
    from trended
    inner join catalogue on trended.kpi_code = catalogue.code
),

-- KPIs nobody can compute yet are part of the picture
without_values as (
    select
        catalogue.code as kpi_code,
        origins.origin,
        'city' as area_kind,
        'dresden' as area_id,
        catalogue.status_period as period_kind,
        'kein Vergleich' as trend,
        catalogue.target_value as target,
        catalogue.target_high,
        case
            when catalogue.missing_de is null then 'noch keine Werte'
            else 'Daten fehlen'
        end as status
    from catalogue
    cross join (select distinct measured.origin from measured) as origins
    where
        not exists (
            select 1
            from judged
            where judged.kpi_code = catalogue.code and judged.origin = origins.origin
        )
),

final as (
    select
        kpi_code,
        origin,
        area_kind,
        area_id,
        period_start,
        period_kind,
        value,
        low,
        high,
        value_before,
        trend,
        is_improving,
        target,
        target_high,
        status
    from judged
    union all by name
    select * from without_values
)

select * from final
