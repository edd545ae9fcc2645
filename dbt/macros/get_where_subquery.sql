{#-
    What a generic test looks at. Incremental models replace whole slices, and a slice holds all
    rows with the same key: what stands since the last published build was tested then, and only
    the slices built since are tested again. A full refresh tests everything.
-#}
{% macro get_where_subquery(relation) -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute else none -%}
    {%- if
        tested and tested.config.materialized == 'incremental'
        and tested.alias == relation.identifier and not flags.FULL_REFRESH
    -%}
        (
            from {{ relation }}
            where load_id > coalesce((
                select max_by(load_id, started_at)
                from {{ relation.database }}.ops.builds
                where state = 'published'
            ), -1)
        )
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
