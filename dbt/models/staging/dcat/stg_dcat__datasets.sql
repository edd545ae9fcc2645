with

source as (
    select * from {{ source('dcat', 'datasets') }}
),

final as (
    select
        _origin as origin,
        catalogue,
        dataset_id,
        lower(record_type) as record_type,
        title,
        publisher,
        has_publisher,
        has_contact_point,
        has_description,
        from_json(keywords, '["VARCHAR"]') as keywords,
        from_json(themes, '["VARCHAR"]') as themes,
        spatial,
        temporal,
        licence,
        access_rights,
        {{ local_date('issued_at') }} as issued_on,
        {{ local_date('modified_at') }} as modified_on,
        accrual_periodicity,
        true as is_public,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
