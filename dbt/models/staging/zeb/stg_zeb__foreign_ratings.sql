with

source as (
    select * from {{ source('zeb', 'foreign_ratings') }}
),

final as (
    select
        _origin as origin,
        city,
        section_id,
        section_name,
        year as rating_year,
        rating,
        rating_text,
        scale,
        surface,
        is_date_damaged,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
