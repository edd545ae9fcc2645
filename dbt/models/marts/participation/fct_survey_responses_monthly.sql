with

days as (
    select * from {{ ref('stg_limesurvey__days') }}
    -- an export replaces the one before of the same survey
    qualify dense_rank() over (
        partition by origin, survey_id
        order by _fetched_at desc, _payload_id desc
    ) = 1
),

final as (
    select
        origin,
        survey_id,
        cast(date_trunc('month', local_date) as date) as month_start,
        sum(started)::bigint as started,
        sum(completed)::bigint as completed,
        max({{ local_date('_fetched_at') }}) as as_of_on
    from days
    where local_date is not null
    group by origin, survey_id, month_start
)

select * from final
