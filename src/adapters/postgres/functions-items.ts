import { NUMBERS, PROVIDER_MARK } from './batch.ts'

/** One of the numbers of item `i`, as SQL. */
const at = (name: keyof typeof NUMBERS) => `numbers[i.m + ${NUMBERS[name]}]`

/**
 * A batch of writes in one round trip. It travels as `batch.ts` packs it: numbers and texts, read by their places,
 * because parsing JSON would cost more than writing the rows. It is written in sets: starting a statement costs more
 * than the row that it writes, so each statement writes what all items have for it. What instances of the versions
 * before send means the same as before.
 */
export const WRITE_ITEMS: readonly string[] = [
  // Of an item: its place in the batch, counted from 1; where its numbers and its texts begin; how many of its
  // references are ours; where the texts of its key, its decision and its events begin.
  'create type batch_item as (n int, m int, t int, owned int, key_at int, decision_at int, events_at int)',

  `create function items_of(numbers bigint[], texts text[]) returns batch_item[] language plpgsql as $$
  declare
    items batch_item[] := '{}';
    i batch_item := row(0, 0, 0, 0, 0, 0, 0);
  begin
    while i.m < cardinality(numbers) loop
      i.n := i.n + 1;
      i.owned := 0;
      for r in 1..${at('references')} loop
        exit when left(texts[i.t + 5 + r], 1) = '${PROVIDER_MARK}';
        i.owned := r;
      end loop;
      i.key_at := i.t + 5 + ${at('references')};
      i.decision_at := i.key_at + 3 * ${at('hasKey')} + 2 * ${at('hasInbox')};
      i.events_at := i.decision_at + case when ${at('decisionAt')} < 0 then 0 else 4 end;
      items := items || i;
      i.t := i.t + ${at('textsHere')};
      i.m := i.m + ${at('numbersHere')};
    end loop;
    return items;
  end $$`,

  // The new payments of a batch; the places of those whose key or whose order is taken.
  `create function begin_items(numbers bigint[], texts text[], items batch_item[], now_ms bigint) returns int[]
    language plpgsql as $$
  declare
    refused int[];
    bound int[];
  begin
    with keyed as (
      insert into payment_keys (tenant, key, fingerprint, target, payment)
        select texts[i.t + 1], texts[i.key_at + 1], texts[i.key_at + 2], texts[i.key_at + 3], texts[i.t + 2]
        from unnest(items) i where ${at('begins')} = 1
        -- In one order everywhere, so that two batches do not wait for each other.
        order by texts[i.t + 1], texts[i.key_at + 1], i.n
        on conflict (tenant, key) do nothing
        returning tenant, key, payment
    ), begun as (
      insert into payments (tenant, id, order_id, created_at, version, epoch, lease_until, due_at, is_open,
          keeps_order, reference_count, chain, doc)
        select k.tenant, k.payment, texts[i.t + 3], ${at('createdAt')}, 1, 1,
          lease_end(${at('leaseMs')}, now_ms), nullif(${at('dueAt')}, -1), ${at('isOpen')}, ${at('keepsOrder')},
          i.owned, chained('', 1, 1, now_ms, texts[i.t + 5]), texts[i.t + 4]
        from unnest(items) i join keyed k on k.tenant = texts[i.t + 1] and k.payment = texts[i.t + 2]
        where not exists (
          select from payments p
          where p.tenant = texts[i.t + 1] and p.order_id = texts[i.t + 3] and p.keeps_order = 1
        )
        order by k.tenant, texts[i.t + 3], i.n
        on conflict (tenant, order_id) where keeps_order = 1 do nothing
        returning tenant, id, chain
    ), line as (
      insert into payment_history (tenant, payment, version, epoch, at, body, hash)
        select b.tenant, b.id, 1, 1, now_ms, texts[i.t + 5], b.chain
        from unnest(items) i join begun b on b.tenant = texts[i.t + 1] and b.id = texts[i.t + 2]
    )
    select array_agg(i.n), array_agg(i.n) filter (where k.key is not null) into refused, bound
      from unnest(items) i
        left join begun b on b.tenant = texts[i.t + 1] and b.id = texts[i.t + 2]
        left join keyed k on k.tenant = texts[i.t + 1] and k.key = texts[i.key_at + 1] and k.payment = texts[i.t + 2]
      where ${at('begins')} = 1 and b.id is null;
    if bound is not null then
      delete from payment_keys k using unnest(items) i
        where i.n = any(bound) and k.tenant = texts[i.t + 1] and k.key = texts[i.key_at + 1];
    end if;
    return coalesce(refused, '{}');
  end $$`,

  // The new states of a batch's payments. The places of those that are not what the item was made from, and of those
  // that had other references before.
  `create function save_items(numbers bigint[], texts text[], items batch_item[], now_ms bigint,
      out refused int[], out referring int[]) language plpgsql as $$
  declare
    saved int[];
  begin
    with saved as (
      update payments p set
        version = p.version + 1,
        lease_until = case when ${at('leaseMs')} < 0 then p.lease_until else lease_end(${at('leaseMs')}, now_ms) end,
        due_at = nullif(${at('dueAt')}, -1), is_open = ${at('isOpen')}, keeps_order = ${at('keepsOrder')},
        reference_count = i.owned,
        chain = chained(p.chain, p.version + 1, p.epoch, now_ms, texts[i.t + 5]),
        doc = texts[i.t + 4]
        from unnest(items) i join payments before on before.tenant = texts[i.t + 1] and before.id = texts[i.t + 2]
        where ${at('begins')} = 0 and p.tenant = texts[i.t + 1] and p.id = texts[i.t + 2]
          and p.version = ${at('version')} and (${at('epoch')} < 0 or p.epoch = ${at('epoch')})
        returning i.n, i.t, i.owned, p.version, p.epoch, p.chain, before.reference_count
    ), line as (
      insert into payment_history (tenant, payment, version, epoch, at, body, hash)
        select texts[s.t + 1], texts[s.t + 2], s.version, s.epoch, now_ms, texts[s.t + 5], s.chain from saved s
    )
    select array_agg(s.n), array_agg(s.n) filter (where s.owned <> s.reference_count) into saved, referring
      from saved s;
    refused := array(
      select i.n from unnest(items) i where ${at('begins')} = 0 and i.n <> all(coalesce(saved, '{}'))
    );
  end $$`,

  // What belongs to another payment spoils the batch: the caller finds out whose write it is.
  `create function refer_items(texts text[], items batch_item[]) returns void language plpgsql as $$
  declare
    others text;
  begin
    with wanted as (
      select texts[i.t + 5 + r] as reference, texts[i.t + 1] as tenant, texts[i.t + 2] as payment
      from unnest(items) i, generate_series(1, i.owned) r
    ), added as (
      insert into payment_references (reference, tenant, payment) select * from wanted
        on conflict (reference) do nothing
        returning reference, tenant, payment
    )
    select other.payment into others from (select * from wanted except select * from added) other
      where not exists (
        select from payment_references p
        where p.reference = other.reference and p.tenant = other.tenant and p.payment = other.payment
      );
    if found then raise exception 'a reference belongs to one payment' using errcode = '23505'; end if;
  end $$`,

  // Items with all that belongs to them but keys of saves, events that came in, and reservations. The places of those
  // that something stands against, of which nothing is written.
  `create function write_items(numbers bigint[], texts text[], items batch_item[], now_ms bigint) returns int[]
    language plpgsql set enable_mergejoin = off set enable_hashjoin = off as $$
  declare
    refused int[] := '{}';
    referring int[] := '{}';
    has record;
  begin
    select bool_or(${at('begins')} = 1) as begins, bool_or(${at('begins')} = 0) as saves,
      bool_or(i.owned < ${at('references')}) as provider, bool_or(${at('decisionAt')} >= 0) as decisions,
      bool_or(${at('outbox')} > 0) as events into has from unnest(items) i;
    if has.saves then
      select s.refused, coalesce(s.referring, '{}') into refused, referring
        from save_items(numbers, texts, items, now_ms) s;
    end if;
    if has.begins then refused := refused || begin_items(numbers, texts, items, now_ms); end if;
    if refused <> '{}' then items := array(select i from unnest(items) i where i.n <> all(refused)); end if;
    if has.begins or referring <> '{}' then
      perform refer_items(texts, array(
        select i from unnest(items) i where ${at('begins')} = 1 or i.n = any(referring)
      ));
    end if;
    if has.provider then
      insert into provider_references (reference, tenant, payment)
        select substr(texts[i.t + 5 + r], 2), texts[i.t + 1], texts[i.t + 2]
        from unnest(items) i, generate_series(i.owned + 1, ${at('references')}) r
        on conflict (reference, tenant, payment) do nothing;
    end if;
    if has.decisions then
      insert into decisions (tenant, id, order_id, at, body)
        select texts[i.decision_at + 1], texts[i.decision_at + 2], texts[i.decision_at + 3], ${at('decisionAt')},
          texts[i.decision_at + 4]
        from unnest(items) i where ${at('decisionAt')} >= 0
        on conflict (tenant, id) do nothing;
    end if;
    if has.events then
      insert into outbox (id, endpoint, tenant, type, body, due_at, tries)
        select texts[e.t + 1], texts[e.t + 2], texts[e.t + 3], texts[e.t + 4], texts[e.t + 5],
          numbers[i.m + ${Object.keys(NUMBERS).length} + e.number], 0
        from unnest(items) i, lateral (
          select number, i.events_at + 5 * (number - 1) as t from generate_series(1, ${at('outbox')}::int) number
        ) e
        on conflict (id, endpoint) do nothing;
    end if;
    return refused;
  end $$`,

  // One item that may be refused after it has written something, or reserves. What was in its way, or null; then
  // something may be written already, and the caller takes it back.
  `create function write_alone(numbers bigint[], texts text[], i batch_item, now_ms bigint) returns text
    language plpgsql as $$
  begin
    if ${at('hasInbox')} = 1 then
      insert into inbox (route, event_id, at)
        values (texts[i.decision_at - 1], texts[i.decision_at], now_ms) on conflict (route, event_id) do nothing;
      if not found then return 'duplicate_event'; end if;
    end if;
    if ${at('hasKey')} = 1 and ${at('begins')} = 0 then
      insert into payment_keys (tenant, key, fingerprint, target, payment)
        values (texts[i.t + 1], texts[i.key_at + 1], texts[i.key_at + 2], texts[i.key_at + 3], texts[i.t + 2])
        on conflict (tenant, key) do nothing;
      if not found then return 'stands'; end if;
    end if;
    return case when write_items(numbers, texts, array[i], now_ms) <> '{}' then 'stands' end;
  end $$`,

  // A batch in one transaction. Tells of the items that were not written. What the batch does to a source is summed up
  // here and written once: a row that is changed again and again gets slower each time.
  `create or replace function write_payments(numbers bigint[], joined text, contended json) returns setof write_result
    language plpgsql as $$
  declare
    texts text[] := string_to_array(joined, E'\\x1e');
    now_ms bigint := journal_now();
    sources source_state[] := '{}';
    sources_before source_state[];
    together batch_item[] := '{}';
    stood batch_item[] := '{}';
    last_text int;
    outcome text;
    refused int[];
    i batch_item;
  begin
    if contended is not null then sources := lock_contended(contended); end if;
    foreach i in array items_of(numbers, texts) loop
      if ${at('alone')} = 0 then
        together := together || i;
        continue;
      end if;
      last_text := i.t + ${at('textsHere')};
      sources_before := sources;
      begin
        outcome := write_alone(numbers, texts, i, now_ms);
        if outcome is null and ${at('settles')} = 1 then
          sources := settle(texts[last_text - ${at('reserves')}]::json, now_ms, sources);
        end if;
        if outcome is null and ${at('reserves')} = 1 then
          select * into sources, outcome from reserve(texts[i.t + 1], texts[last_text]::json, sources);
        end if;
        if outcome is not null then raise exception using errcode = 'FR001'; end if;
      exception when sqlstate 'FR001' then
        sources := sources_before;
      end;
      if outcome = 'stands' then stood := stood || i;
      elsif outcome is not null then
        return query select i.n, outcome, null::text, null::text, null::text, null::bigint, null::bigint, null::text;
      end if;
    end loop;
    if together <> '{}' then
      refused := write_items(numbers, texts, together, now_ms);
      if refused <> '{}' then
        stood := stood || array(select one from unnest(together) one where one.n = any(refused));
      end if;
    end if;
    foreach i in array stood loop
      return query select * from standing(i.n, ${at('begins')} = 1, texts[i.t + 1], texts[i.t + 2], texts[i.t + 3],
        case ${at('hasKey')} when 1 then texts[i.key_at + 1] end);
    end loop;
    if contended is not null then
      update fund_sources f set reserved = s.reserved, used = s.used from unnest(sources) s
        where f.pool = s.pool and f.source = s.source and (f.reserved, f.used) is distinct from (s.reserved, s.used);
    end if;
  end $$`,
]
