with

days as (
    select * from {{ ref('int_open_data__catalogue_days') }}
),

-- a catalogue comes in pages; only when all of them came is its count a count
covered as (
    select distinct
        origin,
        source,
        {{ local_date('covered_at') }} as snapshot_on
    from {{ ref('stg_ops__covered_windows') }}
),

taken_in as (
    select payload_id
    from {{ ref('stg_ops__payloads') }}
    where resource like 'inbox/%'
),

final as (
    select
        days.origin,
        days.source,
        days.catalogue,
        days.snapshot_on,
        covered.source is not null or taken_in.payload_id is not null as is_complete,
        days.datasets,
        days.open_datasets,
        round(days.mqa_score, 2)::double as mqa_score,
        round(days.mqa_score_max, 2)::double as mqa_score_max,
        days.good_datasets,
        days.good_datasets_max,
        days.declared_datasets,
        days.fresh_datasets,
        days.referenced_datasets,
        round(days.stars, 3)::double as stars
    from days
    left join covered
        on
            days.origin = covered.origin
            and days.source = covered.source
            and days.snapshot_on = covered.snapshot_on
    left join taken_in on days.payload_id = taken_in.payload_id
)

select * from final
