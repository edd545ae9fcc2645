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

{#-
    Restricts a clock or instant to the days of `slices` and one day around them. The join would
    find the same rows; but only a plain column can be compared with what DuckDB knows of each
    row group, and so the history is not read. CTEs that are read twice, for their slices and for
    their rows, have to be "not materialized" for the same reason.
-#}
{% macro near_slices(time) -%}
    {%- if is_incremental() %}
    where
        {{ time }} >= (select min(firsts.local_date) - 1 from slices as firsts)
        and {{ time }} < (select max(lasts.local_date) + 2 from slices as lasts)
    {%- endif %}
{%- endmacro %}

{#- Of rows with the same key the one fetched last counts; the rest of the order breaks ties. -#}
{% macro keep_last(keys) -%}
    qualify row_number() over (
        partition by {{ keys | join(', ') }}
        order by _fetched_at desc, _payload_id desc, _row desc
    ) = 1
{%- endmacro %}

{#- Rows of an incremental table that no published build holds yet; all of them on a full refresh. -#}
{% macro is_unpublished(load_id='load_id') -%}
    {%- if flags.FULL_REFRESH -%}
    true
    {%- else -%}
    {{ load_id }} > coalesce((
        select max_by(load_id, started_at)
        from {{ target.database }}.ops.builds
        where state = 'published'
    ), -1)
    {%- endif -%}
{%- endmacro %}
