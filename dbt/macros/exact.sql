{#-
    Sums and means that do not depend on the order of rows: as decimals, which add up exactly. Sums
    of doubles differ in their last digit from run to run, and where the true value lies midway
    between two rounded ones that shows. `where` filters the rows as in `filter (where …)`.
-#}
{% macro exact_sum(column, where=none) -%}
    cast(
        sum(cast({{ column }} as decimal(38, 9)))
        {%- if where %} filter (where {{ where }}){% endif %} as double
    )
{%- endmacro %}

{% macro exact_avg(column, where=none) -%}
    ({{ exact_sum(column, where) }} / nullif(
        count({{ column }}){% if where %} filter (where {{ where }}){% endif %}, 0
    ))
{%- endmacro %}
