{#- Months and years as rows (period_kind); a daily fact is joined to both. -#}
{% macro period_kinds() -%}
    (values ('month'), ('year')) as kinds (period_kind)
{%- endmacro %}

{#- First day of the period of `period_kind` that holds `day`. -#}
{% macro period_start(day) -%}
    cast(date_trunc(kinds.period_kind, {{ day }}) as date)
{%- endmacro %}

{#- Days of the whole period, elapsed or not. -#}
{% macro period_days() -%}
    date_diff(
        'day',
        period_start,
        case period_kind
            when 'month' then period_start + interval 1 month
            else period_start + interval 1 year
        end
    )
{%- endmacro %}

{#- 95 % Wilson bound in percent of a share hits/total; sign is '-' for low, '+' for high. -#}
{% macro wilson_pct(hits, total, sign) -%}
    100.0 * (
        {{ hits }} + 1.9208 {{ sign }} 1.96 * sqrt(
            {{ hits }} * ({{ total }} - {{ hits }}) / cast({{ total }} as double) + 0.9604
        )
    ) / ({{ total }} + 3.8416)
{%- endmacro %}
