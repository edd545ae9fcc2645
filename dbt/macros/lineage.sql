{#-
    Edges of this project's graph as rows (node, parent): what each model and seed is made of.
    The graph is only there when dbt executes; before, there are no rows.
-#}
{% macro model_edges() -%}
    {%- set edges = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') -%}
            {%- for parent in node.depends_on.nodes -%}
                {%- do edges.append("('" ~ node.unique_id ~ "', '" ~ parent ~ "')") -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    select
        edges.node,
        edges.parent
    from (
        values
        {{ edges | join(',\n        ') if edges else "('', '')" }}
    ) as edges (node, parent)
    where edges.node <> ''
{%- endmacro %}
