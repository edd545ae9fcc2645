with

measures as (
    select * from {{ ref('measures') }}
),

final as (
    select
        measure,
        number,
        title_de,
        title_en,
        action_field,
        valid_from,
        valid_to,
        row_number() over (partition by measure order by valid_from desc) = 1 as is_current,
        source,
        sureness,
        note
    from measures
)

select * from final
