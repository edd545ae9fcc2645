with

final as (
    select
        action_field,
        number,
        title_de,
        title_en,
        source,
        sureness
    from {{ ref('action_fields') }}
)

select * from final
