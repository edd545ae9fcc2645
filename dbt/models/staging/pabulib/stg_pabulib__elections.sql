with

source as (
    select * from {{ source('pabulib', 'elections') }}
),

final as (
    select
        _origin as origin,
        election_id,
        country as country_name,
        unit as city_name,
        subunit as area_name,
        edition,
        year,
        begins_on,
        ends_on,
        budget as budget_amount,
        currency as currency_code,
        vote_type,
        rule as rule_name,
        projects,
        ballots,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
