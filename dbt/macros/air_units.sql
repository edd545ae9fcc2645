{#- Concentration in µg/m³ of a value stated in ng/m³, µg/m³ or mg/m³. -#}
{% macro micrograms(value, unit) -%}
    case
        when {{ unit }} like 'mg/m%' then {{ value }} * 1000
        when {{ unit }} like 'ng/m%' then {{ value }} / 1000
        else {{ value }}
    end
{%- endmacro %}

{#- True for units of mass per volume; stations also report wind, temperature and the like. -#}
{% macro is_concentration(unit) -%}
    ({{ unit }} like '%g/m³' or {{ unit }} like '%g/m3')
{%- endmacro %}
