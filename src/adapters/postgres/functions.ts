import { CLOCK_ERROR_MS } from '../../core/payment/transition.ts'
import { CLAIMED } from '../journal/rules.ts'
import { NUMBERS, PROVIDER_MARK } from './batch.ts'
import { FUND_FUNCTIONS } from './functions-funds.ts'

/** Places of an item's numbers, as SQL. */
const at = (name: keyof typeof NUMBERS) => `numbers[m + ${NUMBERS[name]}]`

/**
 * One item of a batch, in as few statements as there are, because starting one costs more than the row that it writes.
 * The third version: what instances of the versions before send means the same as before.
 */
export const WRITE_ITEM: readonly string[] = [
  // The new payment of an item; false when its key or its order is taken.
  `create or replace function begin_item(numbers bigint[], texts text[], m int, t int, owned int, now_ms bigint) returns boolean
    language plpgsql as $$
  declare
    new_hash text := chained('', 1, 1, now_ms, texts[t + 5]);
    k int := t + 5 + ${at('references')};
  begin
    insert into payment_keys (tenant, key, fingerprint, target, payment)
      values (texts[t + 1], texts[k + 1], texts[k + 2], texts[k + 3], texts[t + 2])
      on conflict (tenant, key) do nothing;
    if not found then return false; end if;
    with begun as (
      insert into payments (tenant, id, order_id, created_at, version, epoch, lease_until, due_at, is_open,
          keeps_order, reference_count, chain, doc)
        select texts[t + 1], texts[t + 2], texts[t + 3], ${at('createdAt')}, 1, 1,
          lease_end(${at('leaseMs')}, now_ms), nullif(${at('dueAt')}, -1), ${at('isOpen')}, ${at('keepsOrder')},
          owned, new_hash, texts[t + 4]
        where not exists (
          select from payments p
          where p.tenant = texts[t + 1] and p.order_id = texts[t + 3] and p.keeps_order = 1
        )
        on conflict (tenant, order_id) where keeps_order = 1 do nothing
        returning 1
    )
    insert into payment_history (tenant, payment, version, epoch, at, body, hash)
      select texts[t + 1], texts[t + 2], 1, 1, now_ms, texts[t + 5], new_hash from begun;
    if not found then
      delete from payment_keys p where p.tenant = texts[t + 1] and p.key = texts[k + 1];
      return false;
    end if;
    return true;
  end $$`,

  // The new state of an item's payment. How many references it had; null when it is not what the item was made from.
  `create or replace function save_item(numbers bigint[], texts text[], m int, t int, owned int, now_ms bigint) returns bigint
    language plpgsql as $$
  declare
    owned_before bigint;
  begin
    with saved as (
      update payments p set
        version = p.version + 1,
        lease_until = case when ${at('leaseMs')} < 0 then p.lease_until else lease_end(${at('leaseMs')}, now_ms) end,
        due_at = nullif(${at('dueAt')}, -1), is_open = ${at('isOpen')}, keeps_order = ${at('keepsOrder')},
        reference_count = owned,
        chain = chained(p.chain, p.version + 1, p.epoch, now_ms, texts[t + 5]),
        doc = texts[t + 4]
        from payments before
        where p.tenant = texts[t + 1] and p.id = texts[t + 2] and p.version = ${at('version')}
          and (${at('epoch')} < 0 or p.epoch = ${at('epoch')})
          and before.tenant = texts[t + 1] and before.id = texts[t + 2]
        returning p.version, p.epoch, p.chain, before.reference_count
    ), line as (
      insert into payment_history (tenant, payment, version, epoch, at, body, hash)
        select texts[t + 1], texts[t + 2], s.version, s.epoch, now_ms, texts[t + 5], s.chain from saved s
    )
    select s.reference_count into owned_before from saved s;
    return owned_before;
  end $$`,

  // One item with all that belongs to it but its reservations. Null when it is written, else what was in its way; then
  // something may be written already, and the caller takes it back.
  `create or replace function write_item(numbers bigint[], texts text[], m int, t int, now_ms bigint) returns text
    language plpgsql as $$
  declare
    position int := t + 5 + ${at('references')};
    owned int := 0;
    owned_before bigint := -1;
  begin
    for i in 1..${at('references')} loop
      exit when left(texts[t + 5 + i], 1) = '${PROVIDER_MARK}';
      owned := i;
    end loop;
    if ${at('hasInbox')} = 1 then
      insert into inbox (route, event_id, at)
        values (texts[position + 3 * ${at('hasKey')} + 1], texts[position + 3 * ${at('hasKey')} + 2], now_ms)
        on conflict (route, event_id) do nothing;
      if not found then return 'duplicate_event'; end if;
    end if;
    if ${at('begins')} = 1 then
      if not begin_item(numbers, texts, m, t, owned, now_ms) then return 'stands'; end if;
    else
      if ${at('hasKey')} = 1 then
        insert into payment_keys (tenant, key, fingerprint, target, payment)
          values (texts[t + 1], texts[position + 1], texts[position + 2], texts[position + 3], texts[t + 2])
          on conflict (tenant, key) do nothing;
        if not found then return 'stands'; end if;
      end if;
      owned_before := save_item(numbers, texts, m, t, owned, now_ms);
      if owned_before is null then return 'stands'; end if;
    end if;
    -- References are only ever added, so the same number means the same ones.
    if owned <> owned_before then
      for i in 1..owned loop
        insert into payment_references (reference, tenant, payment)
          values (texts[t + 5 + i], texts[t + 1], texts[t + 2]) on conflict (reference) do nothing;
        if not found and not exists (
          select from payment_references r
          where r.reference = texts[t + 5 + i] and r.tenant = texts[t + 1] and r.payment = texts[t + 2]
        ) then
          raise exception 'a reference belongs to one payment' using errcode = '23505';
        end if;
      end loop;
    end if;
    for i in owned + 1..${at('references')} loop
      insert into provider_references (reference, tenant, payment)
        values (substr(texts[t + 5 + i], 2), texts[t + 1], texts[t + 2])
        on conflict (reference, tenant, payment) do nothing;
    end loop;
    position := position + 3 * ${at('hasKey')} + 2 * ${at('hasInbox')};
    if ${at('decisionAt')} >= 0 then
      insert into decisions (tenant, id, order_id, at, body)
        values (texts[position + 1], texts[position + 2], texts[position + 3], ${at('decisionAt')},
          texts[position + 4])
        on conflict (tenant, id) do nothing;
      position := position + 4;
    end if;
    for i in 1..${at('outbox')} loop
      insert into outbox (id, endpoint, tenant, type, body, due_at, tries)
        values (texts[position + 1], texts[position + 2], texts[position + 3], texts[position + 4],
          texts[position + 5], numbers[m + ${Object.keys(NUMBERS).length} + i], 0)
        on conflict (id, endpoint) do nothing;
      position := position + 5;
    end loop;
    return null;
  end $$`,
]

/**
 * What PostgreSQL does by itself so that a batch of writes is one round trip. A batch travels as `batch.ts` packs it:
 * numbers and texts, read by their places, because parsing JSON would cost more than writing the rows.
 */
export const FUNCTIONS: readonly string[] = [
  // The one clock that leases are counted on.
  `create function journal_now() returns bigint language sql volatile as $$
    select (extract(epoch from clock_timestamp()) * 1000)::bigint
  $$`,

  // Stable as what it calls, so that the planner puts its body in place of the call.
  `create function chained(before text, version bigint, epoch bigint, at bigint, body text) returns text
    language sql stable as $$
    select encode(sha256(convert_to(concat_ws(E'\\n', before, version, epoch, at, body), 'UTF8')), 'hex')
  $$`,

  `create function lease_end(lease_ms bigint, now_ms bigint) returns bigint language sql immutable as $$
    select case when lease_ms > 0 then now_ms + lease_ms else 0 end
  $$`,

  ...FUND_FUNCTIONS,

  `create type write_result as (
    n int, kind text, key text, fingerprint text, target text, version bigint, epoch bigint, doc text
  )`,

  // What stands against an item that was not written. 'again' when it is gone already.
  `create function standing(item int, begins boolean, of_tenant text, of_id text, of_order text, of_key text)
    returns write_result language plpgsql as $$
  declare
    result write_result;
  begin
    if of_key is not null then
      select item, 'key_exists', k.key, k.fingerprint, k.target, p.version, p.epoch, p.doc into result
        from payment_keys k join payments p on p.tenant = k.tenant and p.id = k.payment
        where k.tenant = of_tenant and k.key = of_key;
      if found then return result; end if;
    end if;
    if begins then
      select item, 'order_exists', null, null, null, p.version, p.epoch, p.doc into result from payments p
        where p.tenant = of_tenant and p.order_id = of_order and p.keeps_order = 1;
      if not found then result.n := item; result.kind := 'again'; end if;
    else
      select item, 'conflict', null, null, null, p.version, p.epoch, p.doc into result from payments p
        where p.tenant = of_tenant and p.id = of_id;
      if not found then result.n := item; result.kind := 'missing'; end if;
    end if;
    return result;
  end $$`,

  // A batch, item by item, in one transaction. Tells of the items that were not written. What the batch does to a
  // source is summed up here and written once: a row that is changed again and again gets slower each time.
  `create function write_payments(numbers bigint[], joined text, contended json) returns setof write_result
    language plpgsql as $$
  declare
    texts text[] := string_to_array(joined, E'\\x1e');
    now_ms bigint := journal_now();
    sources source_state[] := '{}';
    sources_before source_state[];
    m int := 0;
    t int := 0;
    n int := 0;
    last_text int;
    outcome text;
    of_key text;
  begin
    if contended is not null then sources := lock_contended(contended); end if;
    while m < cardinality(numbers) loop
      n := n + 1;
      last_text := t + ${at('textsHere')};
      if ${at('alone')} = 1 then
        sources_before := sources;
        begin
          outcome := write_item(numbers, texts, m, t, now_ms);
          if outcome is null and ${at('settles')} = 1 then
            sources := settle(texts[last_text - ${at('reserves')}]::json, now_ms, sources);
          end if;
          if outcome is null and ${at('reserves')} = 1 then
            select * into sources, outcome from reserve(texts[t + 1], texts[last_text]::json, sources);
          end if;
          if outcome is not null then raise exception using errcode = 'FR001'; end if;
        exception when sqlstate 'FR001' then
          sources := sources_before;
        end;
      else
        outcome := write_item(numbers, texts, m, t, now_ms);
      end if;
      if outcome = 'stands' then
        of_key := case ${at('hasKey')} when 1 then texts[t + 6 + ${at('references')}] end;
        return query select * from
          standing(n, ${at('begins')} = 1, texts[t + 1], texts[t + 2], texts[t + 3], of_key);
      elsif outcome is not null then
        return query select n, outcome, null::text, null::text, null::text, null::bigint, null::bigint, null::text;
      end if;
      t := last_text;
      m := m + ${at('numbersHere')};
    end loop;
    if contended is not null then
      update fund_sources f set reserved = s.reserved, used = s.used from unnest(sources) s
        where f.pool = s.pool and f.source = s.source and (f.reserved, f.used) is distinct from (s.reserved, s.used);
    end if;
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

  `create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% is append-only', tg_table_name using errcode = '23000';
  end $$`,
]
