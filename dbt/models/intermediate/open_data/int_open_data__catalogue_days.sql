{% set slice = ['origin', 'source', 'catalogue', 'snapshot_on'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

datasets as not materialized (
    select * from {{ ref('int_open_data__dataset_quality') }}
),

slices as (
    {{ touched('datasets', slice, 'load_id') }}
),

-- services and drafts are listed, too, but are no published datasets
final as (
    select
        datasets.origin,
        datasets.source,
        datasets.catalogue,
        datasets.snapshot_on,
        count(*) as datasets,
        count(*) filter (datasets.has_open_licence) as open_datasets,
        avg(datasets.mqa_score) as mqa_score,
        avg(datasets.mqa_score_max) as mqa_score_max,
        count(*) filter (datasets.mqa_score >= 221) as good_datasets,
        count(*) filter (datasets.mqa_score_max >= 221) as good_datasets_max,
        count(*) filter (datasets.freshness <> 'undeclared') as declared_datasets,
        count(*) filter (datasets.freshness = 'fresh') as fresh_datasets,
        count(*) filter (
            datasets.has_political_geocoding and datasets.has_licence_from_vocabulary
        ) as referenced_datasets,
        avg(datasets.stars) as stars,
        min(datasets.payload_id) as payload_id,
        any_value(slices.load_id) as load_id
    from datasets
    inner join slices using (origin, source, catalogue, snapshot_on)
    where
        coalesce(datasets.is_public, true)
        and coalesce(datasets.record_type, 'dataset') <> 'service'
    group by datasets.origin, datasets.source, datasets.catalogue, datasets.snapshot_on
)

select * from final
