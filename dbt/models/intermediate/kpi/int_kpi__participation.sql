{% set k = var('min_group_people') %}
with

activity as (
    select * from {{ ref('fct_participation_activity_monthly') }}
),

processes as (
    select * from {{ ref('fct_participation_processes') }}
),

contributions as (
    select * from {{ ref('int_participation__contributions') }}
),

located as (
    select * from {{ ref('int_participation__groups') }}
),

-- the register counts by borough; the same population for the city keeps the two comparable
residents as (
    select
        'borough' as area_kind,
        'borough:' || borough_number as area_id,
        register_population_2025 as residents
    from {{ ref('boroughs') }}
    union all
    select
        'city' as area_kind,
        'dresden' as area_id,
        sum(register_population_2025) as residents
    from {{ ref('boroughs') }}
),

areas as (
    select
        *,
        unnest(['city', 'borough']) as area_kind,
        unnest(['dresden', 'borough:' || borough_number]) as area_id
    from activity
),

-- a month in which nobody contributes anything is a value of 0, not a gap
months as (
    select
        spans.origin,
        residents.area_kind,
        residents.area_id,
        cast(unnest(range(
            spans.first_month, spans.last_day + interval 1 day, interval 1 month
        )) as date) as month_start
    from (
        select
            origin,
            min(month_start) as first_month,
            max(as_of_on) as last_day
        from activity
        group by origin
    ) as spans
    cross join residents
),

sums as (
    select
        origin,
        area_kind,
        area_id,
        period_kind,
        {{ period_start('month_start') }} as period_start,
        coalesce(sum(contributions), 0) as contributions,
        coalesce(sum(comments), 0) as comments,
        coalesce(sum(votes), 0) as votes,
        coalesce(sum(contributions_votes_hidden), 0) as votes_hidden,
        coalesce(sum(answerable), 0) as answerable,
        coalesce(sum(answered_in_time), 0) as in_time,
        coalesce(sum(answered_late_or_open), 0) as late,
        coalesce(sum(answer_time_unknown), 0) as unknown_time,
        coalesce(sum(adopted), 0) as adopted,
        coalesce(sum(decided), 0) as decided
    from months
    left join areas using (origin, area_kind, area_id, month_start)
    cross join {{ period_kinds() }}
    group by all
),

rates as (
    select
        codes.kpi_code,
        sums.period_start,
        sums.period_kind,
        sums.area_kind,
        sums.area_id,
        case codes.kpi_code
            when 'M6.2a' then sums.contributions
            when 'M6.2b' then sums.comments
            else sums.votes
        end * 1000.0 / residents.residents as value,
        null::double as low,
        null::double as high,
        sums.contributions as n,
        100.0 - case codes.kpi_code when 'M6.2c' then sums.votes_hidden else 0 end
        * 100.0 / greatest(sums.contributions, 1) as coverage_pct,
        sums.origin
    from sums
    inner join residents on sums.area_id = residents.area_id
    cross join (values ('M6.2a'), ('M6.2b'), ('M6.2c')) as codes (kpi_code)
),

-- Where the day of the answer is not known, the share lies between counting it as late and as in
-- time; with much unknown the middle would say nothing.
answers as (
    select
        codes.kpi_code,
        period_start,
        period_kind,
        area_kind,
        area_id,
        100.0 * in_time / (in_time + late + unknown_time) as low,
        100.0 * (in_time + unknown_time) / (in_time + late + unknown_time) as high,
        in_time + late + unknown_time as n,
        100.0 * (in_time + late) / answerable as coverage_pct,
        case
            when unknown_time <= 0.2 * (in_time + late + unknown_time)
                then 100.0 * in_time / (in_time + late)
        end as value,
        origin
    from sums
    cross join (values ('HF1.4'), ('M6.4a')) as codes (kpi_code)
    where in_time + late + unknown_time > 0 and area_kind = 'city'
),

adoption as (
    select
        'HF1.5' as kpi_code,
        period_start,
        period_kind,
        area_kind,
        area_id,
        100.0 * adopted / decided as value,
        {{ wilson_pct('adopted', 'decided', '-') }} as low,
        {{ wilson_pct('adopted', 'decided', '+') }} as high,
        decided as n,
        100.0 as coverage_pct,
        origin
    from sums
    where decided > 0 and area_kind = 'city'
),

-- boroughs that stand for themselves in the published groups: the count of any other one would
-- solve for what is put together there
shown_boroughs as (
    select
        origin,
        platform,
        year_start as period_start,
        group_name as borough_number
    from {{ ref('fct_participation_groups_yearly') }}
    where group_kind = 'borough' and group_name not in ('-', 'unbekannt')
),

-- Nobody is told apart across platforms or, on the portal, across its procedures: at least the
-- largest group, at most the sum of all.
crowds as (
    select
        origin,
        platform,
        cast(date_trunc('year', created_on) as date) as period_start,
        'dresden' as area_id,
        count(distinct author_key) as people
    from contributions
    where author_key is not null
    group by all
    union all
    select
        origin,
        platform || ':' || process_id as platform,
        cast(date_trunc('year', started_on) as date) as period_start,
        'dresden' as area_id,
        participants as people
    from processes
    where participants > 0
    union all
    select
        located.origin,
        located.platform || ':' || located.process_id as platform,
        cast(date_trunc('year', processes.started_on) as date) as period_start,
        'borough:' || located.borough_number as area_id,
        sum(located.people) as people
    from located
    inner join processes using (origin, platform, process_id)
    inner join shown_boroughs
        on
            located.origin = shown_boroughs.origin
            and located.platform = shown_boroughs.platform
            and date_trunc('year', processes.started_on) = shown_boroughs.period_start
            and located.borough_number = shown_boroughs.borough_number
    group by all
),

counting_platforms as (
    select
        origin,
        cast(date_trunc('year', created_on) as date) as period_start,
        100.0 * count(*) filter (
            author_key is not null or platform = 'beteiligungsportal'
        ) / count(*) as coverage_pct
    from contributions
    group by all
),

participation as (
    select
        'HF1.1' as kpi_code,
        crowds.period_start,
        'year' as period_kind,
        any_value(residents.area_kind) as area_kind,
        crowds.area_id,
        100.0 * sum(crowds.people) / any_value(residents.residents) as value,
        -- less the sum, the largest crowd would tell the others
        case
            when
                max(crowds.people) >= {{ k }}
                and (
                    sum(crowds.people) = max(crowds.people)
                    or sum(crowds.people) - max(crowds.people) >= {{ k }}
                )
                then 100.0 * max(crowds.people) / any_value(residents.residents)
        end as low,
        100.0 * sum(crowds.people) / any_value(residents.residents) as high,
        sum(crowds.people) as n,
        coalesce(any_value(counting_platforms.coverage_pct), 100.0) as coverage_pct,
        crowds.origin
    from crowds
    inner join residents on crowds.area_id = residents.area_id
    left join counting_platforms using (origin, period_start)
    group by crowds.origin, crowds.period_start, crowds.area_id
    having sum(crowds.people) >= {{ k }}
),

representativeness as (
    select
        codes.kpi_code,
        slice::date as period_start,
        'year' as period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        value,
        low,
        high,
        people as n,
        coverage_pct,
        origin
    from {{ ref('int_participation__representativeness') }}
    cross join (values ('HF1.2a'), ('M6.4b')) as codes (kpi_code)
    where slice_kind = 'year'
),

process_months as (
    select
        processes.*,
        period_kind,
        cast(unnest(range(
            cast(date_trunc(kinds.period_kind, processes.started_on) as date),
            least(coalesce(processes.ended_on, processes.as_of_on), processes.as_of_on)
            + interval 1 day,
            case kinds.period_kind when 'month' then interval 1 month else interval 1 year end
        )) as date) as period_start
    from processes
    cross join {{ period_kinds() }}
    where processes.started_on <= processes.as_of_on
),

process_counts as (
    select
        origin,
        period_kind,
        period_start,
        count(*) as running,
        count(*) filter (
            state = 'finished'
            and cast(date_trunc(period_kind, ended_on) as date) = period_start
        ) as finished
    from process_months
    group by origin, period_kind, period_start
),

process_values as (
    select
        codes.kpi_code,
        period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        case codes.kpi_code when 'M6.1a' then running else finished end as value,
        null::double as low,
        null::double as high,
        running as n,
        100.0 as coverage_pct,
        origin
    from process_counts
    cross join (values ('M6.1a'), ('M6.1b')) as codes (kpi_code)
),

final as (
    {%- set parts = [
        'rates', 'answers', 'adoption', 'participation', 'representativeness', 'process_values'
    ] %}
    {%- for part in parts %}
    select
        kpi_code,
        period_start,
        period_kind,
        area_kind,
        area_id,
        round(value, 5)::double as value,
        round(low, 5)::double as low,
        round(high, 5)::double as high,
        n::bigint as n,
        round(coverage_pct, 2)::double as coverage_pct,
        origin
    from {{ part }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
