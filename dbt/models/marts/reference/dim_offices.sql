with

known as (
    select * from {{ ref('offices') }}
),

sources as (
    select
        office,
        count(*) as sources
    from {{ ref('stg_ops__sources') }}
    group by office
),

kpis as (
    select
        office,
        count(*) as kpis
    from {{ ref('kpi_catalogue') }}
    where office is not null
    group by office
),

named as (
    select office from known
    union
    select office from sources
    union
    select office from kpis
    union
    select office from {{ ref('stg_programme_drop__offices') }}
),

final as (
    select
        named.office,
        known.name_en,
        coalesce(sources.sources, 0) as sources,
        coalesce(kpis.kpis, 0) as kpis,
        known.note
    from named
    left join known on named.office = known.office
    left join sources on named.office = sources.office
    left join kpis on named.office = kpis.office
)

select * from final
