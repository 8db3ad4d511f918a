import { KNOWN_NEVER } from '../journal/rules.ts'

/** Holds on payers' credit and shares of funding sources, as parts of a batch. */
export const FUND_FUNCTIONS: readonly string[] = [
  `create type source_state as (pool text, source text, cap bigint, reserved bigint, used bigint)`,

  // The place of a source in the list, at its end if it was not there yet; null when it was never declared.
  `create function place_of_source(of_pool text, of_source text, inout sources source_state[], out place int)
    language plpgsql as $$
  begin
    for i in 1..cardinality(sources) loop
      if sources[i].source = of_source and sources[i].pool = of_pool then place := i; return; end if;
    end loop;
    sources := sources || array(
      select row(f.pool, f.source, f.cap, f.reserved, f.used)::source_state from fund_sources f
      where f.pool = of_pool and f.source = of_source for update
    );
    if sources[cardinality(sources)].source = of_source and sources[cardinality(sources)].pool = of_pool then
      place := cardinality(sources);
    end if;
  end $$`,

  `create function reserve(of_tenant text, wanted json, inout sources source_state[], out refusal text)
    language plpgsql as $$
  declare
    hold json := wanted->'hold';
    of_pool text := wanted->'funds'->>'pool';
    leg record;
    held bigint;
    place int;
  begin
    if hold is not null then
      select coalesce(sum(hold_value), 0) into held from reservations
        where tenant = of_tenant and lender = hold->>'lender' and payer = hold->>'payer'
          and known_from > (hold->>'asOf')::bigint;
      if held + (hold->>'value')::bigint > (hold->>'available')::bigint then
        refusal := 'credit_held';
        return;
      end if;
    end if;
    for leg in select * from json_to_recordset(wanted->'funds'->'legs') as l(source text, value bigint) loop
      select * into sources, place from place_of_source(of_pool, leg.source, sources);
      if place is null or sources[place].used + sources[place].reserved + leg.value > sources[place].cap then
        refusal := 'funds_exhausted';
        return;
      end if;
      sources[place].reserved := sources[place].reserved + leg.value;
    end loop;
    insert into reservations (reference, tenant, lender, payer, hold_value, pool, legs, status, known_from)
      values (wanted->>'reference', of_tenant, hold->>'lender', hold->>'payer',
        coalesce((hold->>'value')::bigint, 0), of_pool, coalesce(wanted->'funds'->>'legs', '[]'), 'held',
        ${KNOWN_NEVER});
  end $$`,

  `create function settle(ended json, now_ms bigint, inout sources source_state[]) language plpgsql as $$
  declare
    item record;
    was reservations;
    leg record;
    place int;
  begin
    for item in select * from json_to_recordset(ended) as s(reference text, outcome text) loop
      select * into was from reservations r where r.reference = item.reference for update;
      continue when not found or was.status = item.outcome;
      update reservations r set status = item.outcome,
        known_from = case item.outcome when 'commit' then now_ms else 0 end
        where r.reference = item.reference;
      for leg in select * from json_to_recordset(was.legs::json) as l(source text, value bigint) loop
        select * into sources, place from place_of_source(was.pool, leg.source, sources);
        if was.status = 'held' then sources[place].reserved := sources[place].reserved - leg.value; end if;
        if item.outcome = 'commit' then
          sources[place].used := sources[place].used + leg.value;
        elsif was.status = 'commit' then
          -- What was repaid in between has left it already.
          sources[place].used := greatest(0, sources[place].used - leg.value);
        end if;
      end loop;
    end loop;
  end $$`,

  // Locks what several writers contend for, in one order everywhere, so that batches never wait in a circle.
  `create function lock_contended(contended json) returns source_state[] language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(line) from (
      select distinct hashtextextended(payer, 0) as line
      from json_array_elements_text(contended->'payers') payer order by line
    ) lines;
    return array(
      select row(f.pool, f.source, f.cap, f.reserved, f.used)::source_state from fund_sources f
      where (f.pool, f.source) in (
        select s.pool, s.source from json_to_recordset(contended->'sources') as s(pool text, source text)
        union all
        select r.pool, leg.source from json_array_elements_text(contended->'references') as wanted(reference)
          join reservations r on r.reference = wanted.reference,
          json_to_recordset(r.legs::json) as leg(source text)
      ) order by f.pool, f.source for update
    );
  end $$`,

  // The row of the movement is taken first: a copy that comes at the same time waits for it.
  `create function move_funds(movement text, of_pool text, of_source text, of_kind text, amount bigint,
    moved_at bigint) returns text language plpgsql as $$
  begin
    insert into fund_movements (id, pool, source, kind, value, at)
      values (movement, of_pool, of_source, of_kind, amount, moved_at) on conflict (id) do nothing;
    if not found then return 'duplicate'; end if;
    update fund_sources set
      used = used + case of_kind when 'repayment' then -amount when 'drawdown' then amount else 0 end,
      cap = case of_kind when 'cap_change' then amount else cap end
      where pool = of_pool and source = of_source and case of_kind
        when 'repayment' then used >= amount
        when 'drawdown' then used + reserved + amount <= cap
        else true end;
    if not found then raise exception 'refused' using errcode = 'FR001'; end if;
    return 'applied';
  exception when sqlstate 'FR001' then
    return 'refused';
  end $$`,
]

/**
 * Of what was reserved only a part may be taken. What an instance of the version before sends means the same as before.
 * The shares of legs are those of `keptLegs` in `adapters/journal/rules.ts`.
 */
export const SETTLE_IN_PART: readonly string[] = [
  `create function kept_legs(legs text, kept bigint) returns text language plpgsql as $$
  declare
    total numeric := (select coalesce(sum(value), 0)
      from json_to_recordset(legs::json) as l(source text, value bigint) where source not like '%@%');
    leg record;
    up_to numeric := 0;
    taken bigint := 0;
    share bigint := 0;
    shares json[] := '{}';
  begin
    if kept is null or total <= kept then return legs; end if;
    for leg in select * from json_to_recordset(legs::json) as l(source text, value bigint) loop
      if leg.source not like '%@%' then
        up_to := up_to + leg.value;
        share := div(kept * up_to, total)::bigint - taken;
        taken := taken + share;
      end if;
      shares := shares || json_build_object('source', leg.source, 'value', least(leg.value, share));
    end loop;
    return array_to_json(shares)::text;
  end $$`,

  `create or replace function settle(ended json, now_ms bigint, inout sources source_state[])
    language plpgsql as $$
  declare
    item record;
    was reservations;
    leg record;
    place int;
    kept bigint;
    kept_of_legs text;
  begin
    for item in select * from json_to_recordset(ended) as s(reference text, outcome text, value bigint) loop
      select * into was from reservations r where r.reference = item.reference for update;
      continue when not found;
      kept := case item.outcome when 'commit' then item.value end;
      kept_of_legs := kept_legs(was.legs, kept);
      continue when was.status = item.outcome and kept_of_legs = was.legs
        and was.hold_value <= coalesce(kept, was.hold_value);
      update reservations r set status = item.outcome, legs = kept_of_legs,
        hold_value = least(was.hold_value, coalesce(kept, was.hold_value)),
        known_from = case
          when was.status = item.outcome then was.known_from when item.outcome = 'commit' then now_ms else 0 end
        where r.reference = item.reference;
      for leg in select * from rows from (
        json_to_recordset(was.legs::json) as (source text, value bigint),
        json_to_recordset(kept_of_legs::json) as (source text, value bigint)
      ) as l(source, value, same_source, taken) loop
        select * into sources, place from place_of_source(was.pool, leg.source, sources);
        if was.status = 'held' then sources[place].reserved := sources[place].reserved - leg.value; end if;
        -- What was repaid in between has left it already.
        sources[place].used := greatest(0, sources[place].used
          + case item.outcome when 'commit' then leg.taken else 0 end
          - case was.status when 'commit' then leg.value else 0 end);
      end loop;
    end loop;
  end $$`,
]
