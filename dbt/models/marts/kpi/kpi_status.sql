with

measured as (
    select
        *,
        value is not null
        and not contains(quality_flags, 'low_coverage')
        and not contains(quality_flags, 'running_period') as is_usable
    from {{ ref('kpi_values') }}
),

catalogue as (
    select * from {{ ref('kpi_catalogue') }}
),

-- the newest usable period (over and well covered); where none is usable, the newest
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
        before.value as value_before
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

trended as (
    select
        *,
        case
            when value_before is null then 'kein Vergleich'
            when abs(value - value_before) <= 0.05 * abs(value_before) then 'gleichbleibend'
            when value > value_before then 'steigend'
            else 'fallend'
        end as trend
    from compared
),

final as (
    select
        trended.kpi_code,
        trended.origin,
        trended.area_kind,
        trended.area_id,
        trended.period_start,
        trended.period_kind,
        trended.value,
        trended.value_before,
        trended.trend,
        case
            when trended.trend not in ('steigend', 'fallend') then null
            when catalogue.direction = 'up' then trended.trend = 'steigend'
            when catalogue.direction = 'down' then trended.trend = 'fallend'
        end as is_improving,
        catalogue.target_value as target,
        case
            when not trended.is_usable then 'nicht auswertbar'
            when catalogue.target_value is null then 'kein Zielwert beschlossen'
            when catalogue.direction = 'down' and trended.value <= catalogue.target_value
                then 'im Zielbereich'
            when catalogue.direction = 'up' and trended.value >= catalogue.target_value
                then 'im Zielbereich'
            else 'Zielwert verfehlt'
        end as status
    from trended
    inner join catalogue on trended.kpi_code = catalogue.code
)

select * from final
