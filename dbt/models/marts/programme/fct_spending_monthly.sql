with

staged as (
    select * from {{ ref('stg_programme_drop__spending') }}
),

current_sheet as (
    {{ latest_sheet('staged', ['measure', 'month_start']) }}
),

-- where the sheet names no share, that of the programme's grant holds
shared as (
    select
        current_sheet.*,
        coalesce(
            current_sheet.funded_share_pct,
            (
                select 100.0 * grant_eur / cost_eur
                from {{ ref('funding_phases') }}
                where part = 'total'
            )
        ) as share_pct
    from current_sheet
),

funded as (
    select
        *,
        cast(round(spent_eur * share_pct / 100, 2) as decimal(14, 2)) as grant_eur
    from shared
),

final as (
    select
        origin,
        measure,
        month_start,
        planned_eur,
        spent_eur,
        share_pct::double as funded_share_pct,
        grant_eur,
        sum(planned_eur) over so_far as planned_cumulated_eur,
        case when spent_eur is not null then sum(spent_eur) over so_far end as spent_cumulated_eur,
        case when spent_eur is not null then sum(grant_eur) over so_far end as grant_cumulated_eur,
        count(*) over so_far - count(spent_eur) over so_far as months_unknown,
        last_day(month_start) as month_end,
        _payload_id as payload_id
    from funded
    window so_far as (
        partition by origin, measure
        order by month_start
        rows between unbounded preceding and current row
    )
)

select
    * replace (
        planned_cumulated_eur::decimal(14, 2) as planned_cumulated_eur,
        spent_cumulated_eur::decimal(14, 2) as spent_cumulated_eur,
        grant_cumulated_eur::decimal(14, 2) as grant_cumulated_eur
    )
from final
