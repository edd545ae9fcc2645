with

source as (
    select * from {{ source('ops', 'sources') }}
),

final as (
    select
        source,
        measure,
        title_de,
        title_en,
        office,
        every_s
    from source
)

select * from final
