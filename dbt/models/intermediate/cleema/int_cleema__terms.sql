with

amounts as (
    select
        origin,
        month_start,
        action_code,
        {{ exact_sum('amount') }} as amount
    from {{ ref('int_cleema__blocks') }}
    where not is_slice_hidden
    group by origin, month_start, action_code
),

final as (
    select
        amounts.origin,
        kinds.period_kind,
        case
            when kinds.period_kind = 'phase'
                then (select max(starts_on) from {{ ref('funding_phases') }})
            else cast(date_trunc(kinds.period_kind, amounts.month_start) as date)
        end as period_start,
        amounts.month_start,
        amounts.action_code,
        amounts.amount
    from amounts
    cross join (values ('month'), ('year'), ('phase')) as kinds (period_kind)
    where
        kinds.period_kind <> 'phase'
        or amounts.month_start >= (select max(starts_on) from {{ ref('funding_phases') }})
)

select * from final
