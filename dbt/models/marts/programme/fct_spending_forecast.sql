{% set rate_months = 6 %}
{% set least_months = 3 %}
with

measures as (
    select
        origin,
        'measure' as area_kind,
        'measure:' || measure as area_id,
        month_start,
        spent_eur,
        grant_eur
    from {{ ref('fct_spending_monthly') }}
),

-- a month counts for the programme once every measure's spending is known
city as (
    select
        origin,
        'city' as area_kind,
        'dresden' as area_id,
        month_start,
        case when count(*) = count(spent_eur) then sum(spent_eur) end as spent_eur,
        case when count(*) = count(spent_eur) then sum(grant_eur) end as grant_eur
    from measures
    group by origin, month_start
),

known as (
    select
        *,
        row_number() over (
            partition by origin, area_kind, area_id
            order by month_start desc
        ) as months_back
    from (
        select * from measures
        union all
        select * from city
    )
    where spent_eur is not null
),

rates as (
    select
        origin,
        area_kind,
        area_id,
        max(month_start) as last_month,
        sum(spent_eur)::double as spent_eur,
        sum(grant_eur)::double as drawn_eur,
        count(*) filter (months_back <= {{ rate_months }}) as rate_months,
        greatest(0, avg(spent_eur) filter (months_back <= {{ rate_months }})) as rate_central,
        greatest(0, min(spent_eur) filter (months_back <= {{ rate_months }})) as rate_low,
        greatest(0, max(spent_eur) filter (months_back <= {{ rate_months }})) as rate_high,
        sum(grant_eur) filter (months_back <= {{ rate_months }})
        / nullif(sum(spent_eur) filter (months_back <= {{ rate_months }}), 0) as grant_share
    from known
    group by origin, area_kind, area_id
    having rate_months >= {{ least_months }}
),

phase as (
    select * from {{ ref('funding_phases') }}
    where part = 'phase_2'
),

ahead as (
    select
        rates.*,
        phase.ends_on,
        phase.grant_eur as most_eur,
        cast(unnest(range(
            rates.last_month + interval 1 month,
            phase.optional_ends_on + interval 1 day,
            interval 1 month
        )) as date) as month_start
    from rates
    cross join phase
),

counted as (
    select
        *,
        date_diff('month', last_month, month_start) as months_ahead
    from ahead
),

final as (
    select
        origin,
        area_kind,
        area_id,
        month_start,
        last_month,
        months_ahead,
        rate_months,
        month_start > ends_on as is_option,
        round(rate_central, 2)::double as rate_eur,
        round(spent_eur + months_ahead * rate_central, 2)::double as spent_cumulated_eur,
        round(spent_eur + months_ahead * rate_low, 2)::double as spent_cumulated_low_eur,
        round(spent_eur + months_ahead * rate_high, 2)::double as spent_cumulated_high_eur,
        least(round(drawn_eur + months_ahead * rate_central * grant_share, 2), most_eur)::double
            as grant_cumulated_eur,
        least(round(drawn_eur + months_ahead * rate_low * grant_share, 2), most_eur)::double
            as grant_cumulated_low_eur,
        least(round(drawn_eur + months_ahead * rate_high * grant_share, 2), most_eur)::double
            as grant_cumulated_high_eur
    from counted
)

select * from final
