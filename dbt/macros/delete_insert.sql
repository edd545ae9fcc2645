{#-
    dbt-duckdb joins every new row with every old row of its slice, quadratic in the readings of
    a day. Deleting by the distinct slices costs one pass.
-#}
{% macro duckdb__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    {%- set columns = get_quoted_csv(dest_columns | map(attribute="name")) -%}
    {%- set keys = unique_key | join(', ') -%}
    delete from {{ target }}
    where ({{ keys }}) in (select distinct {{ keys }} from {{ source }});

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ source }}
{%- endmacro %}
