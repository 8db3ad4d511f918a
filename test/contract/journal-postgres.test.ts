import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PostgresJournal } from '../../src/adapters/postgres/journal.ts'
import { JournalUnavailable } from '../../src/ports/journal.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { freshDatabase } from '../support/shared-services.ts'
import { journalContract } from './journal.contract.ts'
import { beginWrite, fresh, sampleAttempt, samplePayment, saveWrite } from './journal-samples.ts'

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, options: '-c search_path=fundroute' })
  await client.connect()
  return client
}

describe('journal in PostgreSQL', () => {
  let url: string
  let client: Client
  let journal: PostgresJournal
  let other: PostgresJournal
  let ahead = 0

  /** The database's clock can be moved on only where every reading of it goes through one function. */
  const moveClock = async (ms: number) => {
    ahead = ms
    await client.query(`create or replace function journal_now() returns bigint language sql volatile as $$
      select (extract(epoch from clock_timestamp()) * 1000)::bigint + ${ms} $$`)
  }

  beforeAll(async () => {
    url = await freshDatabase()
    await (await PostgresJournal.open({ url })).close()
    client = await connected(url)
  })
  afterAll(async () => {
    await Promise.all([journal.close(), other.close()])
    await client.end()
  })

  const restart = async () => {
    journal = await PostgresJournal.open({ url })
    other = await PostgresJournal.open({ url, connectionsMax: 4 })
  }

  journalContract(async () => {
    // The last test may have closed them.
    await Promise.all([journal?.close(), other?.close()])
    const { rows } = await client.query<{ tables: string }>(
      `select string_agg(tablename, ', ') as tables from pg_tables
       where schemaname = 'fundroute' and tablename <> 'migrations'`,
    )
    await client.query(`truncate ${rows[0]?.tables}`)
    await moveClock(0)
    await restart()
    return {
      journal,
      other,
      now: () => Date.now() + ahead,
      advance: ms => moveClock(ahead + ms),
    }
  })

  it('migrates once when several instances start at the same time', async () => {
    const empty = await freshDatabase()
    const instances = await Promise.all(Array.from({ length: 4 }, () => PostgresJournal.open({ url: empty })))
    const checks = await Promise.all(instances.map(instance => instance.check()))
    expect(checks).toEqual(Array(4).fill({ warnings: [] }))
    await Promise.all(instances.map(instance => instance.close()))
    const db = await connected(empty)
    expect((await db.query('select count(*)::int as n from migrations')).rows).toEqual([{ n: 5 }])
    await db.query('insert into migrations (number, at) values (99, now())')
    await db.end()
    await expect(PostgresJournal.open({ url: empty })).rejects.toThrow(/version 99/)
  })

  it('finds payments of before by what upstreams call them, once it has migrated', async () => {
    const database = await freshDatabase()
    const before = await PostgresJournal.open({ url: database })
    const attempt = sampleAttempt({ status: 'approved', providerReference: 'prov-old' })
    const payment = samplePayment({ attempts: [attempt] })
    await before.begin(beginWrite(payment))
    await before.close()
    const db = await connected(database)
    await db.query(`drop table provider_references; drop function kept_legs(text, bigint); drop type batch_item cascade;
      delete from migrations where number >= 2`)
    await db.end()
    const after = await PostgresJournal.open({ url: database })
    expect((await after.findByProviderReference('prov-old', 9)).map(found => found.payment)).toEqual([
      payment,
    ])
    await after.close()
  })

  it('finds later attempts of a payment whose count of references was of before', async () => {
    const database = await freshDatabase()
    const before = await PostgresJournal.open({ url: database })
    const first = sampleAttempt({ status: 'declined', providerReference: 'prov-first' })
    const payment = samplePayment({ attempts: [first] })
    await before.begin(beginWrite(payment))
    await before.close()
    const db = await connected(database)
    // Before the fourth migration the names that upstreams gave were counted too.
    await db.query('update payments set reference_count = 2')
    await db.query('drop type batch_item cascade; delete from migrations where number >= 4')
    await db.end()
    const after = await PostgresJournal.open({ url: database })
    const second = sampleAttempt()
    await after.save(saveWrite({ payment, version: 1, epoch: 1 }, { attempts: [first, second] }))
    expect((await after.findByReference(second.reference))?.payment.id).toBe(payment.id)
    await after.close()
  })

  it('refuses to change what speaks of money that moved', async () => {
    await journal.begin(beginWrite(samplePayment()))
    await expect(client.query("update payment_history set body = '{}'")).rejects.toThrow(/append-only/)
    await expect(client.query('delete from payment_history')).rejects.toThrow(/append-only/)
    await client.query("insert into fund_movements values ('m', 'p', 's', 'drawdown', 1, 1)")
    await expect(client.query('update fund_movements set value = 2')).rejects.toThrow(/append-only/)
  })

  it('names settings that lose acknowledged writes', async () => {
    expect(await journal.check()).toEqual({ warnings: [] })
    const unsafe = new URL(await freshDatabase())
    const admin = await connected(unsafe.href)
    await admin.query(`alter database ${unsafe.pathname.slice(1)} set synchronous_commit = off`)
    await admin.end()
    const instance = await PostgresJournal.open({ url: unsafe.href })
    expect((await instance.check()).warnings).toEqual([expect.stringMatching(/synchronous_commit is off/)])
    await instance.close()
  })

  it('names settings of the server that lose what is on its disk, or is not on its standby yet', async () => {
    const off = ['fsync=off', 'full_page_writes=off', 'data_sync_retry=on']
    const standby = ['synchronous_standby_names=elsewhere', 'synchronous_commit=local']
    const args = [...off, ...standby].flatMap(setting => ['-c', setting])
    const server = await startPostgres({ args })
    const instance = await PostgresJournal.open({ url: server.url })
    const { warnings } = await instance.check()
    await instance.close()
    await server.stop()
    expect(warnings.map(warning => warning.split(' is ')[0])).toEqual([
      'synchronous_commit',
      'fsync',
      'full_page_writes',
      'data_sync_retry',
    ])
  })

  it('refuses a body that would shift the others in its batch', async () => {
    const payment = samplePayment()
    const decision = { id: fresh('dec'), tenant: 'demo', orderId: 'o', at: 1, body: '"\u001e"' }
    await expect(journal.begin(beginWrite(payment, { decision }))).rejects.toBeInstanceOf(TypeError)
  })

  it('keeps what one instance does whole while another does the same', async () => {
    await journal.declareFunds('pool', 'a', 400)
    await journal.declareFunds('pool', 'b', 400)
    const stamp = fresh('lane')
    const lane = async (instance: PostgresJournal, index: number) => {
      for (let turn = 0; turn < 12; turn++) {
        const payment = samplePayment({ id: `${stamp}-${index}-${turn}` })
        const legs = ['a', 'b'].map(source => ({ source, value: 10 }))
        if ((index + turn) % 2) legs.reverse()
        const reference = `${stamp}-${index}-${turn}`
        const hold = { lender: 'l', payer: `${stamp}-${turn % 3}`, value: 1, available: 1_000, asOf: 0 }
        const begun = await instance.begin(
          beginWrite(payment, { reserve: { reference, hold, funds: { pool: 'pool', legs } } }),
        )
        if (begun.kind !== 'begun') continue
        const settle = [{ reference, outcome: turn % 3 ? ('release' as const) : ('commit' as const) }]
        const stored = { payment, version: 1, epoch: 1 }
        expect((await instance.save(saveWrite(stored, { result: 'declined' }, { settle }))).kind).toBe(
          'saved',
        )
      }
    }
    await Promise.all(Array.from({ length: 16 }, (_, index) => lane(index % 2 ? journal : other, index)))
    const { rows } = await client.query(
      `select coalesce(sum(10) filter (where status = 'commit'), 0)::int as used,
         coalesce(sum(10) filter (where status = 'held'), 0)::int as reserved
       from reservations where reference like '${stamp}-%'`,
    )
    const funds = (await journal.listFunds()).filter(({ pool }) => pool === 'pool')
    expect(rows[0].used).toBeGreaterThan(0)
    for (const { used, reserved } of funds) expect({ used, reserved }).toEqual(rows[0])
  })

  it('claims past payments that somebody is just writing', async () => {
    const locker = await connected(url)
    const payments = [samplePayment(), samplePayment()]
    for (const payment of payments) await journal.begin(beginWrite(payment, { dueAt: 1 }))
    await locker.query('begin')
    await locker.query('select 1 from payments where id = $1 for update', [payments[0]?.id])
    const claimed = await journal.claimDue(10, 60_000)
    expect(claimed.map(({ payment }) => payment.id)).toEqual([payments[1]?.id])
    await locker.query('rollback')
    await locker.end()
  })

  it('says that it cannot tell when the connection is lost under a commit, and goes on', async () => {
    const locker = await connected(url)
    const stored = { payment: samplePayment(), version: 1, epoch: 1 }
    await journal.begin(beginWrite(stored.payment))
    await locker.query('begin')
    await locker.query('select 1 from payments where id = $1 for update', [stored.payment.id])
    const save = journal.save(saveWrite(stored, { result: 'succeeded' }))
    save.catch(() => {})
    const waiting = async () =>
      (
        await client.query<{ pid: number }>(
          "select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%write_payments%'",
        )
      ).rows
    await expect.poll(waiting).toHaveLength(1)
    for (const { pid } of await waiting()) await client.query('select pg_terminate_backend($1)', [pid])
    await expect(save).rejects.toBeInstanceOf(JournalUnavailable)
    await locker.query('rollback')
    await locker.end()
    expect((await journal.save(saveWrite(stored))).kind).toBe('saved')
  })
})

describe('a PostgreSQL that stops', () => {
  it('is told of within 50 ms, and everything acknowledged is there when it is back', async () => {
    const server = await startPostgres()
    const journal = await PostgresJournal.open({ url: server.url })
    const payments = Array.from({ length: 200 }, () => samplePayment())
    const acknowledged = new Set<string>()
    const refusals: unknown[] = []
    const writes = payments.map(async (payment, index) => {
      if (index >= 100) await new Promise(resolve => setTimeout(resolve, index / 2))
      try {
        const { kind } = await journal.begin(beginWrite(payment))
        if (kind === 'begun') acknowledged.add(payment.id)
      } catch (error) {
        refusals.push(error)
      }
    })
    await Promise.all(writes.slice(0, 50))
    await server.kill()
    await Promise.all(writes)
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(JournalUnavailable)
    expect(acknowledged.size).toBeGreaterThanOrEqual(50)
    const times: number[] = []
    for (let i = 0; i < 20; i++) {
      const started = performance.now()
      await expect(journal.begin(beginWrite(samplePayment()))).rejects.toBeInstanceOf(JournalUnavailable)
      times.push(performance.now() - started)
    }
    expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(2_000)
    await expect(journal.check()).rejects.toBeInstanceOf(JournalUnavailable)

    await server.restart()
    for (const payment of payments) {
      const found = await journal.find('demo', payment.id)
      if (acknowledged.has(payment.id)) expect(found?.payment).toEqual(payment)
      // What could not be said is whole or not there.
      if (found !== undefined) expect(await journal.history('demo', payment.id)).toHaveLength(1)
    }
    await journal.close()
    await server.stop()
  })

  it('is not waited for for ever when it only hangs', async () => {
    const server = await startPostgres()
    const journal = await PostgresJournal.open({ url: server.url })
    await journal.check()
    await server.kill('SIGSTOP')
    const started = performance.now()
    await expect(journal.begin(beginWrite(samplePayment()))).rejects.toBeInstanceOf(JournalUnavailable)
    expect(performance.now() - started).toBeLessThan(8_000)
    await server.kill('SIGCONT')
    await expect.poll(async () => (await journal.begin(beginWrite(samplePayment()))).kind).toBe('begun')
    await journal.close()
    await server.stop()
  })
})
