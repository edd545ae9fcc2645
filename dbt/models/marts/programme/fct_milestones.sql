with

staged as (
    select * from {{ ref('stg_programme_drop__milestones') }}
),

current_plan as (
    {{ latest_sheet('staged', ['measure', 'milestone']) }}
),

-- days once planned stay visible when a newer file moves them
plans as (
    select
        origin,
        measure,
        milestone,
        min_by(planned_on, (_fetched_at, _payload_id, _row)) as first_planned_on,
        count(distinct planned_on) - 1 as plan_changes
    from staged
    group by origin, measure, milestone
),

as_of as (
    select * from {{ ref('int_programme__as_of') }}
),

final as (
    select
        current_plan.origin,
        current_plan.measure,
        current_plan.milestone,
        current_plan.planned_on,
        plans.first_planned_on,
        plans.plan_changes,
        current_plan.done_on,
        as_of.as_of_on,
        case
            when current_plan.done_on <= current_plan.planned_on then 'in_time'
            when current_plan.done_on is not null then 'late'
            when current_plan.planned_on <= as_of.as_of_on then 'overdue'
            else 'open'
        end as state,
        case
            when
                current_plan.done_on is not null
                or current_plan.planned_on <= as_of.as_of_on
                then date_diff(
                    'day',
                    current_plan.planned_on,
                    coalesce(current_plan.done_on, as_of.as_of_on)
                )
        end as delay_days,
        current_plan._payload_id as payload_id
    from current_plan
    inner join plans using (origin, measure, milestone)
    inner join as_of using (origin)
)

select * from final
