{#-
    Rows of the newest file of a sheet: each file replaces the one before. A key that stands
    twice in a file counts once, its last row.
-#}
{% macro latest_sheet(relation, keys) -%}
    select *
    from {{ relation }}
    qualify
        dense_rank() over (
            partition by origin
            order by _fetched_at desc, _payload_id desc
        ) = 1
        and row_number() over (
            partition by origin, _payload_id, {{ keys | join(', ') }}
            order by _row desc
        ) = 1
{%- endmacro %}
