with

source as (
    select * from {{ source('catalogue_registry', 'portals') }}
),

final as (
    select
        _origin as origin,
        supplier_id,
        title as supplier_name,
        portal_type,
        portal_title,
        cast(from_json(parents, '["VARCHAR"]') as varchar []) as parents,
        url as portal_url,
        try_cast(left(begins, 4) as integer) as begins_year,
        regional_key,
        wikidata as wikidata_id,
        api as api_url,
        dcat_url,
        checked_on,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
