-- The central forecast lies between its ends and never below what is already spent.
select forecast.*
from {{ ref('fct_spending_forecast') }} as forecast
where
    not (
        spent_cumulated_low_eur <= spent_cumulated_eur
        and spent_cumulated_eur <= spent_cumulated_high_eur
    )
    or months_ahead < 1
