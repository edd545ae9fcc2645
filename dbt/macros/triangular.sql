{#- Value below which the share u of a triangular distribution lies. -#}
{% macro triangular_quantile(low, central, high, u) -%}
    case
        when {{ high }} = {{ low }} then {{ central }}
        when {{ u }} * ({{ high }} - {{ low }}) < {{ central }} - {{ low }}
            then {{ low }} + sqrt({{ u }} * ({{ high }} - {{ low }}) * ({{ central }} - {{ low }}))
        else {{ high }} - sqrt(
            (1 - {{ u }}) * ({{ high }} - {{ low }}) * ({{ high }} - {{ central }})
        )
    end
{%- endmacro %}

{#- Standard deviation of a triangular distribution. -#}
{% macro triangular_sd(low, central, high) -%}
    sqrt(greatest(0, (
        {{ low }} * {{ low }} + {{ central }} * {{ central }} + {{ high }} * {{ high }}
        - {{ low }} * {{ central }} - {{ low }} * {{ high }} - {{ central }} * {{ high }}
    )) / 18)
{%- endmacro %}
