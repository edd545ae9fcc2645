{#-
    Incremental models recompute whole slices (origin, station, local day), never single rows:
    a late or corrected value then changes everything that hangs on its day, and the result is
    the same as that of a full refresh.

    `load_id` of a built row is the newest load that has touched its slice, so the highest
    load_id of a table tells how far it has come, and its readers see which slices have changed.
-#}

{#-
    Slices of `relation` that loads newer than this table have touched (all on a full refresh),
    each with the newest load that touched it.
-#}
{% macro touched(relation, keys, load_id='_load_id') -%}
    select
        {{ keys | join(', ') }},
        max({{ load_id }}) as load_id
    from {{ relation }}
    {%- if is_incremental() %}
    where {{ load_id }} > (select coalesce(max(load_id), -1) from {{ this }})
    {%- endif %}
    group by {{ keys | join(', ') }}
{%- endmacro %}

{#- Of rows with the same key the one fetched last counts; the rest of the order breaks ties. -#}
{% macro keep_last(keys) -%}
    qualify row_number() over (
        partition by {{ keys | join(', ') }}
        order by _fetched_at desc, _payload_id desc, _row desc
    ) = 1
{%- endmacro %}
