with

source as (
    select * from {{ source('catalogue_registry', 'suppliers') }}
),

final as (
    select
        _origin as origin,
        supplier_id,
        title_en,
        title_de,
        supplier_type,
        wikidata as wikidata_url,
        part_of_wikidata as part_of_wikidata_url,
        regional_key,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
