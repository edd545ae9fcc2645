{#- The measures of a row; empty where the group is not shown. -#}
{%- set measures = [
    'successes', 'gross_kg_co2e', 'saving_low_kg_co2e', 'saving_kg_co2e', 'saving_high_kg_co2e'
] -%}

with

blocks as (
    select * from {{ ref('int_cleema__blocks') }}
),

cells as (
    select
        *,
        'borough' as area_kind,
        'borough:' || borough as area_id,
        is_slice_hidden or is_hidden as is_suppressed
    from blocks
),

-- what is hidden of an action in a month, together: at least the minimum of people
remainders as (
    select
        origin,
        month_start,
        action_code,
        sum(people) as people,
        {%- for measure in measures %}
        {{ exact_sum(measure) }} as {{ measure }},
        {%- endfor %}
        'borough' as area_kind,
        'borough:under_k' as area_id,
        false as is_suppressed
    from blocks
    where is_hidden and not is_slice_hidden
    group by origin, month_start, action_code
),

cities as (
    select
        origin,
        month_start,
        action_code,
        sum(people) as people,
        {%- for measure in measures %}
        {{ exact_sum(measure) }} as {{ measure }},
        {%- endfor %}
        'city' as area_kind,
        'dresden' as area_id,
        is_slice_hidden as is_suppressed
    from blocks
    group by origin, month_start, action_code, is_slice_hidden
),

by_action as (
    select * exclude (borough, slice_people, is_slice_hidden, is_hidden, amount) from cells
    union all by name
    select * from remainders
    union all by name
    select * from cities
),

-- sums over actions add up what is shown and nothing else
totals as (
    select
        origin,
        month_start,
        area_kind,
        area_id,
        {%- for measure in measures %}
        {{ exact_sum(measure, 'not is_suppressed') }} as {{ measure }},
        {%- endfor %}
        bool_and(is_suppressed) as is_suppressed,
        not bool_or(is_suppressed) as is_complete
    from by_action
    group by origin, month_start, area_kind, area_id
),

-- people of a total, each once and rounded down: exact counts of several actions could be
-- subtracted from each other
members as (
    select distinct
        answers.origin,
        answers.month_start,
        answers.user_key,
        unnest([
            'dresden',
            case when blocks.is_hidden then 'borough:under_k' else 'borough:' || blocks.borough end
        ]) as area_id
    from {{ ref('int_cleema__assessed_answers') }} as answers
    inner join blocks using (origin, month_start, action_code, borough)
    where answers.reason = 'counted' and not blocks.is_slice_hidden
),

people as (
    select
        origin,
        month_start,
        area_id,
        10 * (count(*) // 10) as people
    from members
    group by origin, month_start, area_id
),

combined as (
    select
        *,
        true as is_complete
    from by_action
    union all by name
    select
        totals.*,
        'all' as action_code,
        people.people
    from totals
    left join people using (origin, month_start, area_id)
),

final as (
    select
        origin,
        month_start,
        action_code,
        area_kind,
        area_id,
        case when not is_suppressed then people end::bigint as people,
        {%- for measure in measures %}
        {%- set type = 'bigint' if measure == 'successes' else 'double' %}
        case when not is_suppressed then {{ measure }} end::{{ type }} as {{ measure }},
        {%- endfor %}
        is_suppressed,
        is_complete and not is_suppressed as is_complete
    from combined
)

select * from final
