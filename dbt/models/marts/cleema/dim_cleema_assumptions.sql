select
    assumption || ':' || scope as parameter,
    assumption,
    scope,
    valid_from,
    valid_to,
    low,
    central,
    high,
    evidence_class,
    edition,
    source,
    sureness,
    note_de,
    note_en
from {{ ref('cleema_assumptions') }}
