select
    audience,
    standard_activity_de,
    minutes_simple,
    minutes_medium,
    minutes_high,
    source,
    sureness
from {{ ref('skm_time_values') }}
