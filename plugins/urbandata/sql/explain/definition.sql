select *
from marts.kpi_catalogue
where code = $code
