with recursive

edges as (
    {{ model_edges() }}
),

upstream (mart, node) as (
    select
        node as mart,
        parent as node
    from edges
    where not regexp_matches(split_part(node, '.', 3), '^(stg|int)_')
    union
    select
        upstream.mart,
        edges.parent as node
    from upstream
    inner join edges on upstream.node = edges.node
),

final as (
    select distinct
        split_part(mart, '.', 3) as mart,
        split_part(node, '.', 3) as source
    from upstream
    where starts_with(node, 'source.')
)

select * from final
