{% set k = var('min_group_people') %}
with

answers as (
    select * from {{ ref('stg_limesurvey__answers') }}
    qualify dense_rank() over (
        partition by origin, survey_id
        order by _fetched_at desc, _payload_id desc
    ) = 1
),

surveys as (
    select * from {{ ref('stg_limesurvey__surveys') }}
    {{ keep_last(['origin', 'survey_id']) }}
),

roles as (
    select * from {{ ref('question_roles') }}
    where role = 'satisfaction'
),

marks as (
    select
        answers.origin,
        answers.survey_id,
        try_cast(answers.answer_code as integer) as mark,
        answers.responses
    from answers
    inner join roles on answers.question_code = roles.question_code
),

final as (
    select
        marks.origin,
        marks.survey_id,
        any_value(surveys.title) as title,
        any_value({{ local_date('surveys.starts_at') }}) as started_on,
        sum(marks.responses)::bigint as responses,
        sum(marks.mark * marks.responses)::bigint as sum_of_marks,
        sum(marks.mark * marks.mark * marks.responses)::bigint as sum_of_squares,
        round(sum(marks.mark * marks.responses) / sum(marks.responses), 3)::double as mean_mark
    from marks
    left join surveys using (origin, survey_id)
    where marks.mark between 1 and 5
    group by marks.origin, marks.survey_id
    having sum(marks.responses) >= {{ k }}
)

select * from final
