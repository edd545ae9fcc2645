with

milestones as (
    select * from {{ ref('fct_milestones') }}
),

spending as (
    select * from {{ ref('fct_spending_monthly') }}
),

phases as (
    select * from {{ ref('funding_phases') }}
),

as_of as (
    select * from {{ ref('int_programme__as_of') }}
),

-- months of phase 2 so far; the running one counts to the day the sheets tell of
months as (
    select
        as_of.origin,
        cast(unnest(range(
            phases.starts_on,
            as_of.as_of_on + interval 1 day,
            interval 1 month
        )) as date) as period_start,
        as_of.as_of_on,
        phases.ends_on,
        phases.optional_ends_on
    from as_of
    cross join phases
    where phases.part = 'phase_2'
),

days as (
    select
        *,
        least(last_day(period_start), as_of_on) as counted_on
    from months
),

milestone_areas as (
    select
        *,
        unnest(['city', 'measure']) as area_kind,
        unnest(['dresden', 'measure:' || measure]) as area_id
    from milestones
),

milestone_counts as (
    select
        days.origin,
        days.period_start,
        milestone_areas.area_kind,
        milestone_areas.area_id,
        count(*) as due,
        count(*) filter (milestone_areas.done_on <= milestone_areas.planned_on) as in_time,
        count(*) filter (
            milestone_areas.done_on is null or milestone_areas.done_on > days.counted_on
        ) as overdue
    from days
    inner join milestone_areas
        on
            days.origin = milestone_areas.origin
            and milestone_areas.planned_on <= days.counted_on
    group by all
),

milestone_values as (
    select
        codes.kpi_code,
        counts.origin,
        counts.period_start,
        counts.area_kind,
        counts.area_id,
        case codes.kpi_code
            when 'HF3.1a' then 100.0 * counts.in_time / counts.due
            else counts.overdue
        end as value,
        null::double as low,
        null::double as high,
        counts.due as n,
        100.0 as coverage_pct
    from milestone_counts as counts
    cross join (values ('HF3.1a'), ('HF3.1b')) as codes (kpi_code)
),

deadline_values as (
    select
        codes.kpi_code,
        days.origin,
        days.period_start,
        'city' as area_kind,
        'dresden' as area_id,
        greatest(0, date_diff(
            'day',
            days.counted_on,
            case codes.kpi_code when 'HF3.1c' then days.ends_on else days.optional_ends_on end
        )) as value,
        null::double as low,
        null::double as high,
        1 as n,
        100.0 as coverage_pct
    from days
    cross join (values ('HF3.1c'), ('HF3.1d')) as codes (kpi_code)
),

spending_areas as (
    select
        *,
        unnest(['city', 'measure']) as area_kind,
        unnest(['dresden', 'measure:' || measure]) as area_id
    from spending
),

spending_months as (
    select
        spending_areas.origin,
        spending_areas.area_kind,
        spending_areas.area_id,
        spending_areas.month_start,
        count(*) as entries,
        count(spending_areas.spent_eur) as known,
        sum(spending_areas.spent_eur) as spent_eur,
        sum(spending_areas.planned_eur) filter (spending_areas.spent_eur is not null)
            as planned_eur,
        sum(spending_areas.grant_eur) as grant_eur,
        bool_or(spending_areas.month_start < phases.starts_on) as is_before_phase_2
    from spending_areas
    inner join phases on phases.part = 'phase_2'
    group by
        spending_areas.origin,
        spending_areas.area_kind,
        spending_areas.area_id,
        spending_areas.month_start
),

cumulated as (
    select
        origin,
        area_kind,
        area_id,
        month_start as period_start,
        known,
        sum(entries) over so_far as entries,
        sum(known) over so_far as all_known,
        sum(spent_eur) over so_far as spent_eur,
        sum(planned_eur) over so_far as planned_eur,
        sum(grant_eur) over so_far as grant_eur,
        sum(grant_eur) filter (not is_before_phase_2) over so_far as grant_phase_2_eur,
        max(is_before_phase_2 and known > 0) over so_far as knows_phase_1
    from spending_months
    window so_far as (
        partition by origin, area_kind, area_id
        order by month_start
        rows between unbounded preceding and current row
    )
),

-- a month nobody has reported yet is no month without spending
reported as (
    select
        *,
        100.0 * all_known / entries as coverage_pct
    from cumulated
    where known > 0
),

grants as (
    select
        max(grant_eur) filter (part = 'phase_1') as phase_1_eur,
        max(grant_eur) filter (part = 'phase_2') as phase_2_eur,
        max(grant_eur) filter (part = 'total') as total_eur
    from phases
),

spending_values as (
    select
        'HF3.2a' as kpi_code,
        origin,
        period_start,
        area_kind,
        area_id,
        100.0 * spent_eur / nullif(planned_eur, 0) as value,
        null::double as low,
        null::double as high,
        all_known as n,
        coverage_pct
    from reported
    union all
    select
        'HF3.2b' as kpi_code,
        origin,
        period_start,
        area_kind,
        area_id,
        100.0 * grant_phase_2_eur / grants.phase_2_eur as value,
        null::double as low,
        null::double as high,
        all_known as n,
        coverage_pct
    from reported
    cross join grants
    where area_kind = 'city'
    union all
    -- what was drawn in phase 1 is known to the sheets or not: nothing or all of it is the range
    select
        'HF3.2c' as kpi_code,
        origin,
        period_start,
        area_kind,
        area_id,
        100.0 * grant_eur / grants.total_eur as value,
        100.0 * grant_eur / grants.total_eur as low,
        100.0 * (grant_eur + case when knows_phase_1 then 0 else grants.phase_1_eur end)
        / grants.total_eur as high,
        all_known as n,
        coverage_pct
    from reported
    cross join grants
    where area_kind = 'city'
),

final as (
    select
        kpi_code,
        period_start,
        'month' as period_kind,
        area_kind,
        area_id,
        round(value, 2)::double as value,
        round(low, 2)::double as low,
        round(high, 2)::double as high,
        n::bigint as n,
        round(coverage_pct, 2)::double as coverage_pct,
        origin
    from (
        select * from milestone_values
        union all
        select * from deadline_values
        union all
        select * from spending_values
    )
)

select * from final
