with recursive

edges as (
    {{ model_edges() }}
),

parts as (
    select distinct
        kpi_code,
        model
    from {{ ref('kpi_values') }}
),

upstream (kpi_code, node, depth) as (
    select
        kpi_code,
        'model.urbandata.' || model as node,
        0 as depth
    from parts
    union
    select
        upstream.kpi_code,
        edges.parent as node,
        upstream.depth + 1 as depth
    from upstream
    inner join edges on upstream.node = edges.node
    -- a dimension says where and what something is, the newest day which periods are over; the
    -- values do not come from them
    where
        not starts_with(upstream.node, 'model.urbandata.dim_')
        and edges.parent <> 'model.urbandata.int_kpis__newest_day'
),

nearest as (
    select
        kpi_code,
        node,
        min(depth) as depth
    from upstream
    group by kpi_code, node
),

final as (
    select
        kpi_code,
        case split_part(node, '.', 1)
            when 'source' then split_part(node, '.', 3) || '.' || split_part(node, '.', 4)
            else split_part(node, '.', 3)
        end as node,
        case
            when split_part(node, '.', 1) <> 'model' then split_part(node, '.', 1)
            when starts_with(split_part(node, '.', 3), 'stg_') then 'staging'
            when starts_with(split_part(node, '.', 3), 'int_') then 'intermediate'
            else 'mart'
        end as node_kind,
        case
            when starts_with(node, 'source.') then split_part(node, '.', 3)
        end as source,
        case
            when starts_with(node, 'source.') then split_part(node, '.', 4)
        end as table_name,
        depth
    from nearest
)

select * from final
