import { CLOCK_ERROR_MS } from '../../core/payment/transition.ts'
import { CLAIMED } from '../journal/rules.ts'

/**
 * What PostgreSQL does by itself so that a batch of writes is one round trip. The documents of a batch travel as one
 * text, parted by the record separator that JSON never contains, so that nobody has to escape or parse them;
 * `write_item` names them by their place.
 */
export const FUNCTIONS: readonly string[] = [
  // The one clock that leases are counted on.
  `create function journal_now() returns bigint language sql volatile as $$
    select (extract(epoch from clock_timestamp()) * 1000)::bigint
  $$`,

  `create function chained(before text, version bigint, epoch bigint, at bigint, body text) returns text
    language sql immutable as $$
    select encode(sha256(convert_to(concat_ws(E'\\n', before, version, epoch, at, body), 'UTF8')), 'hex')
  $$`,

  // begins: or saves. alone: has parts that may be refused after something was written.
  `create type write_item as (
    n int, begins boolean, alone boolean,
    tenant text, id text, order_id text, created_at bigint,
    version bigint, epoch bigint, lease_ms bigint, due_at bigint,
    is_open smallint, keeps_order smallint, refs text[], doc int, trail int,
    key text, fingerprint text, target text, route text, event_id text,
    decision json, outbox json, reserve json, settle json
  )`,

  // Items that are not told of have been written.
  `create type write_result as (
    n int, kind text, key text, fingerprint text, target text, version bigint, epoch bigint, doc text
  )`,

  // Per item whether its key was new and whether its payment was written. A key that is new without its payment has
  // to be taken back.
  `create function write_begins(items write_item[], texts text[], now_ms bigint)
    returns table (n int, bound boolean, written boolean) language sql as $$
    with item as (select * from unnest(items)),
    bound as (
      insert into payment_keys (tenant, key, fingerprint, target, payment)
        select tenant, key, fingerprint, target, id from item
        on conflict (tenant, key) do nothing returning tenant, key
    ),
    wanted as (
      select item.*, chained('', 1, 1, now_ms, texts[item.trail]) as hash
      from item join bound using (tenant, key)
      where not exists (
        select from payments p
        where p.tenant = item.tenant and p.order_id = item.order_id and p.keeps_order = 1
      )
    ),
    written as (
      insert into payments (tenant, id, order_id, created_at, version, epoch, lease_until, due_at, is_open,
          keeps_order, reference_count, chain, doc)
        select tenant, id, order_id, created_at, 1, 1, case when lease_ms > 0 then now_ms + lease_ms else 0 end,
          due_at, is_open, keeps_order, cardinality(refs), hash, texts[doc] from wanted
        on conflict (tenant, order_id) where keeps_order = 1 do nothing
        returning tenant, id
    ),
    done as (select wanted.* from wanted join written using (tenant, id)),
    history as (
      insert into payment_history (tenant, payment, version, epoch, at, body, hash)
        select tenant, id, 1, 1, now_ms, texts[trail], hash from done
    ),
    named as (
      insert into payment_references (tenant, payment, reference)
        select tenant, id, unnest(refs) from done on conflict (tenant, payment, reference) do nothing
    ),
    decided as (
      insert into decisions (tenant, id, order_id, at, body)
        select d.tenant, d.id, d.order_id, d.at, texts[d.body] from done, json_to_record(done.decision)
          as d(tenant text, id text, order_id text, at bigint, body int)
        where done.decision is not null
        on conflict (tenant, id) do nothing
    ),
    told as (
      insert into outbox (id, endpoint, tenant, type, body, due_at, tries)
        select o.id, o.endpoint, o.tenant, o.type, texts[o.body], o.due_at, 0
        from done, json_to_recordset(done.outbox)
          as o(id text, endpoint text, tenant text, type text, body int, due_at bigint)
        where done.outbox is not null
        on conflict (id, endpoint) do nothing
    )
    select item.n, bound.key is not null, done.n is not null
    from item left join bound using (tenant, key) left join done using (n)
  $$`,

  // The items that were written: those whose version and epoch still stood.
  `create function write_saves(items write_item[], texts text[], now_ms bigint)
    returns table (n int) language sql as $$
    with item as (select * from unnest(items)),
    written as (
      update payments p set
        version = p.version + 1,
        lease_until = case when item.lease_ms is null then p.lease_until
          when item.lease_ms > 0 then now_ms + item.lease_ms else 0 end,
        due_at = item.due_at, is_open = item.is_open, keeps_order = item.keeps_order,
        reference_count = cardinality(item.refs),
        chain = chained(p.chain, p.version + 1, p.epoch, now_ms, texts[item.trail]),
        doc = texts[item.doc]
      from item
      where p.tenant = item.tenant and p.id = item.id and p.version = item.version
        and (item.epoch is null or p.epoch = item.epoch)
      returning item.n, p.version, p.epoch, p.chain
    ),
    done as (
      select item.*, written.version as new_version, written.epoch as held_epoch, written.chain
      from item join written using (n)
    ),
    history as (
      insert into payment_history (tenant, payment, version, epoch, at, body, hash)
        select tenant, id, new_version, held_epoch, now_ms, texts[trail], chain from done
    ),
    named as (
      insert into payment_references (tenant, payment, reference)
        select tenant, id, unnest(refs) from done on conflict (tenant, payment, reference) do nothing
    ),
    decided as (
      insert into decisions (tenant, id, order_id, at, body)
        select d.tenant, d.id, d.order_id, d.at, texts[d.body] from done, json_to_record(done.decision)
          as d(tenant text, id text, order_id text, at bigint, body int)
        where done.decision is not null
        on conflict (tenant, id) do nothing
    ),
    told as (
      insert into outbox (id, endpoint, tenant, type, body, due_at, tries)
        select o.id, o.endpoint, o.tenant, o.type, texts[o.body], o.due_at, 0
        from done, json_to_recordset(done.outbox)
          as o(id text, endpoint text, tenant text, type text, body int, due_at bigint)
        where done.outbox is not null
        on conflict (id, endpoint) do nothing
    )
    select n from done
  $$`,

  `create function reserve(of_tenant text, wanted json) returns text language plpgsql as $$
  declare
    hold json := wanted->'hold';
    of_pool text := wanted->'funds'->>'pool';
    leg record;
    held bigint;
  begin
    if hold is not null then
      select coalesce(sum(hold_value), 0) into held from reservations
        where tenant = of_tenant and lender = hold->>'lender' and payer = hold->>'payer'
          and (status = 'held' or (status = 'commit' and settled_at > (hold->>'asOf')::bigint));
      if held + (hold->>'value')::bigint > (hold->>'available')::bigint then return 'credit_held'; end if;
    end if;
    for leg in select * from json_to_recordset(wanted->'funds'->'legs') as l(source text, value bigint) loop
      update fund_sources set reserved = reserved + leg.value
        where pool = of_pool and source = leg.source and used + reserved + leg.value <= cap;
      if not found then return 'funds_exhausted'; end if;
    end loop;
    insert into reservations (reference, tenant, lender, payer, hold_value, pool, legs, status, settled_at)
      values (wanted->>'reference', of_tenant, hold->>'lender', hold->>'payer',
        coalesce((hold->>'value')::bigint, 0), of_pool, coalesce(wanted->'funds'->>'legs', '[]'), 'held', 0);
    return null;
  end $$`,

  `create function settle(ended json, now_ms bigint) returns void language plpgsql as $$
  declare
    item record;
    was reservations;
    leg record;
  begin
    for item in select * from json_to_recordset(ended) as s(reference text, outcome text) loop
      select * into was from reservations r where r.reference = item.reference for update;
      continue when not found or was.status = item.outcome;
      update reservations r set status = item.outcome,
        settled_at = case when item.outcome = 'commit' then now_ms else r.settled_at end
        where r.reference = item.reference;
      for leg in select * from json_to_recordset(was.legs::json) as l(source text, value bigint) loop
        -- What was repaid in between has left used already.
        update fund_sources set
          reserved = reserved - case when was.status = 'held' then leg.value else 0 end,
          used = greatest(0, used + case when item.outcome = 'commit' then leg.value
            when was.status = 'commit' then -leg.value else 0 end)
          where pool = was.pool and source = leg.source;
      end loop;
    end loop;
  end $$`,

  // One item whose parts can be refused after others were written: raises FR001 with the reason, and the caller's
  // block takes everything back.
  `create function write_alone(item write_item, texts text[], now_ms bigint) returns void language plpgsql as $$
  declare
    reason text;
    is_written boolean;
  begin
    if item.route is not null then
      insert into inbox (route, event_id, at) values (item.route, item.event_id, now_ms)
        on conflict (route, event_id) do nothing;
      if not found then raise exception 'duplicate_event' using errcode = 'FR001'; end if;
    end if;
    if item.begins then
      select written into is_written from write_begins(array[item], texts, now_ms);
    else
      if item.key is not null then
        insert into payment_keys (tenant, key, fingerprint, target, payment)
          values (item.tenant, item.key, item.fingerprint, item.target, item.id)
          on conflict (tenant, key) do nothing;
        if not found then raise exception 'stands' using errcode = 'FR001'; end if;
      end if;
      select true into is_written from write_saves(array[item], texts, now_ms);
    end if;
    if is_written is not true then raise exception 'stands' using errcode = 'FR001'; end if;
    if item.settle is not null then perform settle(item.settle, now_ms); end if;
    if item.reserve is not null then
      reason := reserve(item.tenant, item.reserve);
      if reason is not null then raise exception '%', reason using errcode = 'FR001'; end if;
    end if;
  end $$`,

  // Locks what several writers contend for, in one order everywhere, so that batches never wait in a circle.
  `create function lock_contended(items write_item[]) returns void language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(line) from (
      select distinct hashtextextended(concat_ws(E'\\n', tenant, reserve->'hold'->>'lender',
        reserve->'hold'->>'payer'), 0) as line
      from unnest(items) where reserve->'hold' is not null order by line
    ) lines;
    perform 1 from fund_sources where (pool, source) in (
      select i.reserve->'funds'->>'pool', leg.source from unnest(items) i,
        json_to_recordset(i.reserve->'funds'->'legs') as leg(source text)
      union all
      select r.pool, leg.source from unnest(items) i, json_to_recordset(i.settle) as s(reference text)
        join reservations r using (reference), json_to_recordset(r.legs::json) as leg(source text)
    ) order by pool, source for update;
  end $$`,

  // What stands against an item that was not written. 'again' when it is gone already.
  `create function standing(item write_item) returns write_result language plpgsql as $$
  declare
    result write_result;
  begin
    if item.key is not null then
      select item.n, 'key_exists', k.key, k.fingerprint, k.target, p.version, p.epoch, p.doc into result
        from payment_keys k join payments p on p.tenant = k.tenant and p.id = k.payment
        where k.tenant = item.tenant and k.key = item.key;
      if found then return result; end if;
    end if;
    if item.begins then
      select item.n, 'order_exists', null, null, null, p.version, p.epoch, p.doc into result from payments p
        where p.tenant = item.tenant and p.order_id = item.order_id and p.keeps_order = 1;
      if not found then result.n := item.n; result.kind := 'again'; end if;
    else
      select item.n, 'conflict', null, null, null, p.version, p.epoch, p.doc into result from payments p
        where p.tenant = item.tenant and p.id = item.id;
      if not found then result.n := item.n; result.kind := 'missing'; end if;
    end if;
    return result;
  end $$`,

  // A batch of begins and saves in which no key, order or payment is named twice.
  `create function write_payments(items json, joined text) returns setof write_result language plpgsql as $$
  declare
    texts text[] := string_to_array(joined, E'\\x1e');
    now_ms bigint := journal_now();
    batch write_item[];
    plain write_item[];
    failed int[] := '{}';
    unbound int[];
    item write_item;
    refusal text;
  begin
    batch := array(select i from json_populate_recordset(null::write_item, items) i);
    plain := array(select i from unnest(batch) i where begins and not alone);
    if cardinality(plain) > 0 then
      select coalesce(array_agg(b.n), '{}'), coalesce(array_agg(b.n) filter (where b.bound), '{}')
        into failed, unbound from write_begins(plain, texts, now_ms) b where not b.written;
      if cardinality(unbound) > 0 then
        delete from payment_keys k using unnest(plain) i
          where i.n = any(unbound) and k.tenant = i.tenant and k.key = i.key;
      end if;
    end if;
    plain := array(select i from unnest(batch) i where not begins and not alone);
    if cardinality(plain) > 0 then
      failed := failed || array(
        select i.n from unnest(plain) i where i.n not in (select s.n from write_saves(plain, texts, now_ms) s)
      );
    end if;
    plain := array(select i from unnest(batch) i where alone);
    if cardinality(plain) > 0 then
      perform lock_contended(plain);
      foreach item in array plain loop
        begin
          perform write_alone(item, texts, now_ms);
        exception when sqlstate 'FR001' then
          refusal := sqlerrm;
          if refusal = 'stands' then
            failed := failed || item.n;
          else
            return query select item.n, refusal, null::text, null::text, null::text, null::bigint, null::bigint,
              null::text;
          end if;
        end;
      end loop;
    end if;
    foreach item in array batch loop
      if item.n = any(failed) then return query select * from standing(item); end if;
    end loop;
  end $$`,

  `create function take_over(of_tenant text, of_id text, lease_ms bigint, due_only boolean, most bigint)
    returns table (doc text, version bigint, epoch bigint) language plpgsql as $$
  declare
    now_ms bigint := journal_now();
    free_before bigint := now_ms - ${CLOCK_ERROR_MS};
  begin
    return query with free as (
      select p.tenant, p.id, p.due_at from payments p
      where due_only and p.is_open = 1 and p.due_at <= now_ms and p.lease_until < free_before
      order by p.due_at, p.id limit most for update skip locked
    ), taken as (
      update payments p set version = p.version + 1, epoch = p.epoch + 1,
        lease_until = case when lease_ms > 0 then now_ms + lease_ms else 0 end,
        chain = chained(p.chain, p.version + 1, p.epoch + 1, now_ms, '${CLAIMED}')
      from free where p.tenant = free.tenant and p.id = free.id
      returning p.tenant, p.id, p.doc, p.version, p.epoch, p.chain, p.due_at
    ), single as (
      update payments p set version = p.version + 1, epoch = p.epoch + 1,
        lease_until = case when lease_ms > 0 then now_ms + lease_ms else 0 end,
        chain = chained(p.chain, p.version + 1, p.epoch + 1, now_ms, '${CLAIMED}')
      where not due_only and p.tenant = of_tenant and p.id = of_id and p.lease_until < free_before
      returning p.tenant, p.id, p.doc, p.version, p.epoch, p.chain, p.due_at
    ), claimed as (select * from taken union all select * from single),
    history as (
      insert into payment_history (tenant, payment, version, epoch, at, body, hash)
        select c.tenant, c.id, c.version, c.epoch, now_ms, '${CLAIMED}', c.chain from claimed c
    )
    select c.doc, c.version, c.epoch from claimed c order by c.due_at, c.id;
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

  `create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% is append-only', tg_table_name using errcode = '23000';
  end $$`,
]
