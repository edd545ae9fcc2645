with

actions as (
    select * from {{ ref('cleema_actions') }}
),

final as (
    select
        actions.action_code,
        actions.name_de,
        actions.name_en,
        actions.action_group,
        actions.unit,
        actions.unit_de,
        actions.unit_en,
        bool_or(coalesce(factors.usage = 'saving', false)) as has_factor,
        max(factors.boundary) filter (where factors.usage = 'saving') as boundary,
        actions.note_de,
        actions.note_en
    from actions
    left join {{ ref('emission_factors') }} as factors using (action_code)
    group by all
)

select * from final
