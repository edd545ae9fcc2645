{#- Every row has a value in these columns, and an origin is demo or real: for models without a
    grain of their own (see unique_grain). -#}
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
