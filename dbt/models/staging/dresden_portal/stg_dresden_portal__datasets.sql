with

source as (
    select * from {{ source('dresden_portal', 'datasets') }}
),

final as (
    select
        _origin as origin,
        catalogue,
        dataset_id,
        'dataset' as record_type,
        title,
        data_source as publisher,
        data_source is not null as has_publisher,
        false as has_contact_point,
        has_description,
        cast(null as varchar[]) as keywords,
        from_json(themes, '["VARCHAR"]') as themes,
        array_to_string(from_json(regions, '["VARCHAR"]'), ', ') as spatial,
        array_to_string(from_json(years, '["VARCHAR"]'), ', ') as temporal,
        nullif(licence, 'none') as licence,
        cast(null as varchar) as access_rights,
        cast(null as date) as issued_on,
        changed_on as modified_on,
        cast(null as varchar) as accrual_periodicity,
        true as is_public,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
