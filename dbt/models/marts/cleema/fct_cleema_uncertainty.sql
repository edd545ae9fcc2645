{#-
    Every parameter is a triangular distribution from low over central to high. A parameter is the
    same unknown in all actions and months that share it (fully correlated); different parameters
    are independent. Two ways that must agree: moments in closed form, and draws with a fixed seed.
    The draws come from a hash, so that they do not depend on the order of rows or threads.
-#}
with

terms as (
    select * from {{ ref('int_cleema__terms') }}
),

parameters as (
    select
        *,
        (low + central + high) / 3 as mean,
        {{ triangular_sd('low', 'central', 'high') }} as sd
    from {{ ref('int_cleema__parameters') }}
),

unit_means as (
    select
        action_code,
        month_start,
        product(mean) as mean
    from parameters
    group by action_code, month_start
),

expected as (
    select
        terms.*,
        terms.amount * unit_means.mean as mean
    from terms
    inner join unit_means using (action_code, month_start)
),

-- of two terms only the shared parameters vary together: cov = m1 m2 (prod(1 + cv1 cv2) - 1)
pairs as (
    select
        a.action_code as action_a,
        a.month_start as month_a,
        b.action_code as action_b,
        b.month_start as month_b,
        product(1 + (a.sd / a.mean) * (b.sd / b.mean)) - 1 as covariance
    from parameters as a
    inner join parameters as b on a.parameter = b.parameter
    group by all
),

variances as (
    select
        a.origin,
        a.period_kind,
        a.period_start,
        sum(a.mean * b.mean * pairs.covariance) as variance
    from expected as a
    inner join expected as b
        on
            a.origin = b.origin
            and a.period_kind = b.period_kind
            and a.period_start = b.period_start
    inner join pairs
        on
            a.action_code = pairs.action_a
            and a.month_start = pairs.month_a
            and b.action_code = pairs.action_b
            and b.month_start = pairs.month_b
    group by a.origin, a.period_kind, a.period_start
),

means as (
    select
        origin,
        period_kind,
        period_start,
        sum(mean) as mean
    from expected
    group by origin, period_kind, period_start
),

closed as (
    select
        means.*,
        sqrt(variances.variance) as sd,
        sqrt(ln(1 + variances.variance / (means.mean * means.mean))) as sigma
    from means
    inner join variances using (origin, period_kind, period_start)
),

draws as (
    select
        names.parameter,
        numbers.draw,
        md5_number_lower(
            '{{ var("cleema_draw_seed") }}|' || names.parameter || '|' || numbers.draw
        ) / 18446744073709551616.0 as u
    from (select distinct parameter from parameters) as names
    cross join range(1, {{ var('cleema_draws') }} + 1) as numbers (draw)
),

unit_draws as (
    select
        parameters.action_code,
        parameters.month_start,
        draws.draw,
        product({{ triangular_quantile('low', 'central', 'high', 'u') }}) as kg_per_unit
    from parameters
    inner join draws using (parameter)
    group by parameters.action_code, parameters.month_start, draws.draw
),

totals as (
    select
        terms.origin,
        terms.period_kind,
        terms.period_start,
        unit_draws.draw,
        sum(terms.amount * unit_draws.kg_per_unit) as total
    from terms
    inner join unit_draws using (action_code, month_start)
    group by all
),

drawn as (
    select
        origin,
        period_kind,
        period_start,
        avg(total) as mean,
        stddev_samp(total) as sd,
        quantile_cont(total, 0.05) as p5,
        quantile_cont(total, 0.5) as p50,
        quantile_cont(total, 0.95) as p95,
        count(*) as draws
    from totals
    group by origin, period_kind, period_start
),

final as (
    select
        closed.origin,
        closed.period_kind,
        closed.period_start,
        round(closed.mean, 3) as mean_kg_co2e,
        round(closed.sd, 3) as sd_kg_co2e,
        round(exp(ln(closed.mean) - closed.sigma * closed.sigma / 2 - 1.6449 * closed.sigma), 3)
            as p5_closed_kg_co2e,
        round(exp(ln(closed.mean) - closed.sigma * closed.sigma / 2 + 1.6449 * closed.sigma), 3)
            as p95_closed_kg_co2e,
        round(drawn.mean, 3) as mean_drawn_kg_co2e,
        round(drawn.sd, 3) as sd_drawn_kg_co2e,
        round(drawn.p5, 3) as p5_kg_co2e,
        round(drawn.p50, 3) as p50_kg_co2e,
        round(drawn.p95, 3) as p95_kg_co2e,
        drawn.draws
    from closed
    inner join drawn using (origin, period_kind, period_start)
)

select * from final
