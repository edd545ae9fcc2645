select
    assigned.quarter_id,
    assigned.district_number,
    assigned.name_de,
    assigned.name_en,
    assigned.role,
    districts.name as district_name,
    districts.borough_number,
    assigned.source,
    assigned.sureness
from {{ ref('quarter_districts') }} as assigned
inner join {{ ref('districts') }} as districts using (district_number)
