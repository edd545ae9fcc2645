{#- Every row has a value in these columns, and an origin is demo or real: one test for all the
    columns of a model, since each test costs dbt more than the query. -#}
{% test rows_are_whole(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where
    {%- for column in columns %}
    {{ column }} is null
    {%- if column == 'origin' %}
    or origin not in ('demo', 'real')
    {%- endif %}
    {%- if not loop.last %}
    or
    {%- endif %}
    {%- endfor %}

{% endtest %}
