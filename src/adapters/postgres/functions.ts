import { CLOCK_ERROR_MS } from '../../core/payment/transition.ts'
import { CLAIMED } from '../journal/rules.ts'
import { FUND_FUNCTIONS } from './functions-funds.ts'

/** What PostgreSQL does by itself, so that what belongs together is one round trip. */
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
