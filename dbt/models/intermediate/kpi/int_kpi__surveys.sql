with

responses as (
    select * from {{ ref('fct_survey_responses_monthly') }}
),

satisfaction as (
    select * from {{ ref('fct_survey_satisfaction') }}
),

completion as (
    select
        'M6.6' as kpi_code,
        {{ period_start('month_start') }} as period_start,
        period_kind,
        sum(completed) as hits,
        sum(started) as total,
        origin
    from responses
    cross join {{ period_kinds() }}
    group by all
    having sum(started) > 0
),

marks as (
    select
        'M6.5' as kpi_code,
        {{ period_start('started_on') }} as period_start,
        period_kind,
        sum(responses)::double as n,
        sum(sum_of_marks) / sum(responses) as mean,
        sum(sum_of_squares) / sum(responses) as mean_square,
        origin
    from satisfaction
    cross join (values ('quarter'), ('year')) as kinds (period_kind)
    group by all
),

-- the interval of a mean holds for a random sample; who answers a survey is none
spread as (
    select
        *,
        1.96 * sqrt(
            greatest(0, mean_square - mean * mean) * n / nullif(n - 1, 0) / n
        ) as half_width
    from marks
),

final as (
    select
        kpi_code,
        period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        round(100.0 * hits / total, 2)::double as value,
        round({{ wilson_pct('hits', 'total', '-') }}, 2)::double as low,
        round({{ wilson_pct('hits', 'total', '+') }}, 2)::double as high,
        total::bigint as n,
        100.0::double as coverage_pct,
        origin
    from completion
    union all
    select
        kpi_code,
        period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        round(mean, 2)::double as value,
        round(greatest(1, mean - half_width), 2)::double as low,
        round(least(5, mean + half_width), 2)::double as high,
        n::bigint as n,
        100.0::double as coverage_pct,
        origin
    from spread
)

select * from final
