with

cohorts as (
    select * from {{ ref('int_cleema__cohorts') }}
),

final as (
    select
        origin,
        cohort_month,
        from_week::integer as from_week,
        to_week::integer as to_week,
        case when is_size_shown then people end as people,
        case when is_share_shown then active_people end as active_people,
        case when is_share_shown then round(100.0 * active_people / people, 2) end::double
            as retention_pct,
        not is_share_shown as is_suppressed
    from cohorts
)

select * from final
