{#-
    What a generic test looks at: what has come since the last published build, the rest was tested
    then. Incremental models replace whole slices, and a slice holds all rows with the same key. Of
    a staged table, whose rows stay as they are, new rows suffice for tests that judge each row
    alone. A full refresh tests everything.
-#}
{% macro get_where_subquery(relation) -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute else none -%}
    {%- set load_id = none -%}
    {%- if tested and tested.alias == relation.identifier and not flags.FULL_REFRESH -%}
        {%- set alone = ('rows_are_whole', 'accepted_values', 'in_range') -%}
        {%- if tested.config.materialized == 'incremental' -%}
            {%- set load_id = 'load_id' -%}
        {%- elif
            'staging' in tested.fqn and '_load_id' in tested.columns
            and model.test_metadata.name in alone
        -%}
            {%- set load_id = '_load_id' -%}
        {%- endif -%}
    {%- endif -%}
    {%- if load_id -%}
        (
            from {{ relation }}
            where {{ is_unpublished(load_id) }}
        )
    {%- else -%}
        {{ relation }}
    {%- endif -%}
{%- endmacro %}
