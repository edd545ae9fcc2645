with

days as (
    select * from {{ ref('fct_open_data_catalogues_daily') }}
),

-- the state at the end of a month: its last complete snapshot
last_days as (
    select
        origin,
        source,
        catalogue,
        cast(date_trunc('month', snapshot_on) as date) as month_start,
        max(snapshot_on) as snapshot_on
    from days
    where is_complete
    group by all
),

datasets as (
    select * from {{ ref('int_open_data__dataset_quality') }}
),

final as (
    select
        datasets.origin,
        datasets.source,
        datasets.catalogue,
        last_days.month_start,
        datasets.dataset_id,
        datasets.snapshot_on,
        datasets.record_type,
        datasets.title,
        datasets.publisher,
        datasets.themes,
        datasets.is_public,
        datasets.issued_on,
        datasets.modified_on,
        datasets.resources,
        datasets.best_format,
        datasets.has_licence,
        datasets.has_open_licence,
        datasets.has_licence_from_vocabulary,
        datasets.has_political_geocoding,
        datasets.findability,
        datasets.accessibility,
        datasets.interoperability,
        datasets.reusability,
        datasets.contextuality,
        datasets.mqa_score,
        datasets.mqa_score_max,
        datasets.mqa_rating,
        datasets.mqa_rating_max,
        datasets.stars,
        datasets.age_days,
        datasets.declared_days,
        datasets.freshness,
        datasets.payload_id
    from datasets
    inner join last_days using (origin, source, catalogue, snapshot_on)
)

select * from final
