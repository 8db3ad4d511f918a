const STORED = 'select doc, version, epoch from payments'
const DECISION = 'select id, tenant, order_id as "orderId", at, body from decisions'

const TEXTS = {
  find: `${STORED} where tenant = $1 and id = $2`,
  findByReference: `select p.doc, p.version, p.epoch from payment_references r
    join payments p on p.tenant = r.tenant and p.id = r.payment where r.reference = $1`,
  findByProviderReference: `select p.doc, p.version, p.epoch from provider_references r
    join payments p on p.tenant = r.tenant and p.id = r.payment where r.reference = $1
    order by p.created_at desc, p.id desc limit $2`,
  findByKey: `select k.key, k.fingerprint, k.target, p.doc, p.version, p.epoch from payment_keys k
    join payments p on p.tenant = k.tenant and p.id = k.payment where k.tenant = $1 and k.key = $2`,
  findByOrder: `select doc, version, epoch from (
      select * from payments where tenant = $1 and order_id = $2 and keeps_order = 1
      union all select * from payments where tenant = $1 and order_id = $2 and keeps_order = 0
    ) p order by created_at desc, id desc limit $3`,
  listOpen: `${STORED} where is_open = 1 and ($1::text is null or tenant = $1)
    order by due_at nulls last, id limit $2`,
  takeOver: 'select * from take_over($1, $2, $3, $4, $5)',
  history: `select version, epoch, at, body, hash from payment_history
    where tenant = $1 and payment = $2 order by version`,

  appendDecisions: `insert into decisions (tenant, id, order_id, at, body)
    select tenant, id, "orderId", at, body
    from json_to_recordset($1) as d(tenant text, id text, "orderId" text, at bigint, body text)
    on conflict (tenant, id) do nothing`,
  findDecision: `${DECISION} where tenant = $1 and id = $2`,
  listDecisions: `${DECISION} where tenant = $1 and at >= $2 and at < $3 order by at desc, id desc limit $4`,
  appendOutcome: `insert into outcomes (tenant, decision, attempt, at, body) values ($1, $2, $3, $4, $5)
    on conflict (tenant, decision, attempt) do nothing returning 1`,
  listOutcomes: `select decision, attempt, at, body from outcomes
    where tenant = $1 and decision = $2 order by at, attempt limit $3`,

  claimOutbox: `with due as (
      select id, endpoint, due_at, tries from outbox where due_at <= (select journal_now())
      order by due_at, id, endpoint limit $1 for update skip locked
    ), claimed as (
      update outbox o set due_at = (select journal_now()) + $2::bigint, tries = o.tries + 1
      from due where o.id = due.id and o.endpoint = due.endpoint
      returning o.id, o.tenant, o.endpoint, o.type, o.body, due.due_at as "dueAt", due.tries
    ) select * from claimed order by "dueAt", id, endpoint`,
  removeOutbox: 'delete from outbox where id = $1 and endpoint = $2',
  delayOutbox: 'update outbox set due_at = $3 where id = $1 and endpoint = $2',
  putOutbox: `insert into outbox (id, endpoint, tenant, type, body, due_at, tries)
    select id, endpoint, tenant, type, body, "dueAt", 0
    from json_to_recordset($1)
      as o(id text, endpoint text, tenant text, type text, body text, "dueAt" bigint)
    on conflict (id, endpoint) do nothing`,

  declareFunds: `insert into fund_sources (pool, source, cap, reserved, used) values ($1, $2, $3, 0, 0)
    on conflict (pool, source) do update set cap = excluded.cap`,
  listFunds: 'select pool, source, cap, reserved, used from fund_sources order by pool, source',
  moveFunds: 'select move_funds($1, $2, $3, $4, $5, $6) as result',

  createRecord: `insert into records (collection, key, version, at, body) values ($1, $2, 1, $3, $4)
    on conflict (collection, key) do nothing returning 1`,
  replaceRecord: `update records set version = version + 1, at = $3, body = $4
    where collection = $1 and key = $2 and version = $5 returning 1`,
  getRecord: 'select collection, key, version, at, body from records where collection = $1 and key = $2',
  listRecords: `select collection, key, version, at, body from records
    where collection = $1 and key >= $2 and starts_with(key, $2) order by key limit $3`,

  touch: `insert into records (collection, key, version, at, body)
    values ('journal', 'check', 1, journal_now(), '{}')
    on conflict (collection, key) do update set at = excluded.at`,
  settings: `select current_setting('synchronous_commit') as synchronous, current_setting('fsync') as fsync,
    current_setting('full_page_writes') as pages, current_setting('data_sync_retry') as retry,
    current_setting('zero_damaged_pages') as zeroed, current_setting('synchronous_standby_names') as standbys`,
}

/** Every statement with the name under which a connection prepares it once. */
export const SQL = Object.fromEntries(
  Object.entries(TEXTS).map(([name, text]) => [name, { name, text }]),
) as Record<keyof typeof TEXTS, { readonly name: string; readonly text: string }>
