with

counted as (
    select
        answers.origin,
        answers.month_start,
        answers.action_code,
        answers.borough,
        answers.user_key,
        -- decimals add up exactly, whatever the order
        cast(answers.amount as decimal(18, 6)) as amount,
        cast(answers.amount * savings.gross_kg_per_unit as decimal(18, 6)) as gross_kg_co2e,
        cast(answers.amount * savings.low_kg_per_unit as decimal(18, 6)) as saving_low_kg_co2e,
        cast(answers.amount * savings.central_kg_per_unit as decimal(18, 6)) as saving_kg_co2e,
        cast(answers.amount * savings.high_kg_per_unit as decimal(18, 6)) as saving_high_kg_co2e
    from {{ ref('int_cleema__assessed_answers') }} as answers
    inner join {{ ref('int_cleema__unit_savings') }} as savings using (action_code, month_start)
    where answers.reason = 'counted'
),

-- all boroughs that the origin's people name; without any there is no view by borough
boroughs as (
    select distinct
        origin,
        borough
    from {{ ref('int_cleema__people') }}
    union
    select distinct
        origin,
        borough
    from counted
),

slices as (
    select distinct
        origin,
        month_start,
        action_code
    from counted
),

people as (
    select
        slices.origin,
        slices.month_start,
        slices.action_code,
        boroughs.borough,
        counted.user_key
    from slices
    inner join boroughs on slices.origin = boroughs.origin
    left join counted
        on
            slices.origin = counted.origin
            and slices.month_start = counted.month_start
            and slices.action_code = counted.action_code
            and boroughs.borough = counted.borough
),

disclosure as (
    {{ hidden_parts('people', ['origin', 'month_start', 'action_code'], 'borough') }}
),

final as (
    select
        disclosure.origin,
        disclosure.month_start,
        disclosure.action_code,
        disclosure.borough,
        disclosure.people,
        disclosure.slice_people,
        disclosure.slice_people < {{ var('min_group_people') }} as is_slice_hidden,
        disclosure.is_hidden,
        count(counted.user_key) as successes,
        coalesce({{ exact_sum('counted.amount') }}, 0) as amount,
        coalesce({{ exact_sum('counted.gross_kg_co2e') }}, 0) as gross_kg_co2e,
        coalesce({{ exact_sum('counted.saving_low_kg_co2e') }}, 0) as saving_low_kg_co2e,
        coalesce({{ exact_sum('counted.saving_kg_co2e') }}, 0) as saving_kg_co2e,
        coalesce({{ exact_sum('counted.saving_high_kg_co2e') }}, 0) as saving_high_kg_co2e
    from disclosure
    left join counted using (origin, month_start, action_code, borough)
    group by all
)

select * from final
