import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileDatabase } from '../../src/adapters/sqlite/file-database.ts'
import { SqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { migrate } from '../../src/adapters/sqlite/migrations.ts'
import { performCall, storeCalls } from '../../src/adapters/sqlite/store.ts'
import { type CallStore, StoreJournal } from '../../src/adapters/sqlite/store-journal.ts'
import { type Journal, JournalUnavailable } from '../../src/ports/journal.ts'
import { type JournalUnderTest, journalContract } from './journal.contract.ts'
import { journalBeginContract } from './journal-begin.contract.ts'
import { journalModelContract } from './journal-model.contract.ts'
import { beginWrite, fresh, sampleAttempt, samplePayment } from './journal-samples.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fundroute-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const path = () => join(folder, 'journal.db')

function underTest(journal: Journal, clock: { now: number }): JournalUnderTest {
  return {
    journal,
    other: journal,
    now: () => clock.now,
    advance: async ms => {
      clock.now += ms
    },
  }
}

/** The store without its thread: the same statements on the same file, quick to open. */
class ThreadlessJournal extends StoreJournal {
  readonly #close: () => void

  constructor(file: string, now: () => number) {
    const db = new FileDatabase(file)
    migrate(db, now())
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    const calls = storeCalls({ db, now, sha256 })
    let open = true
    super((async (name, ...args) => {
      if (!open) throw new JournalUnavailable('the journal is closed')
      return performCall(db, calls, name, args)
    }) as CallStore)
    this.#close = () => {
      if (open) db.close()
      open = false
    }
  }

  async check(): Promise<{ readonly warnings: readonly string[] }> {
    return { warnings: [] }
  }

  async close(): Promise<void> {
    this.#close()
  }
}

describe('store in a SQLite file', () => {
  let open: Journal | undefined
  afterEach(() => open?.close())
  journalContract(async () => {
    const clock = { now: Date.now() }
    open = new ThreadlessJournal(path(), () => clock.now)
    return underTest(open, clock)
  })
})

describe('journal in a SQLite file', () => {
  let under: JournalUnderTest
  beforeEach(async () => {
    const clock = { now: Date.now() }
    under = underTest(await SqliteJournal.open({ file: path(), now: () => clock.now }), clock)
  })
  afterEach(() => under.journal.close())

  describe('begin', () => journalBeginContract(() => under))
  describe('against the model', () => journalModelContract(() => under))

  it('is for its owner alone, with what stands beside it and its copies', async () => {
    const file = join(folder, 'private.db')
    const journal = await SqliteJournal.open({ file, now: Date.now })
    await journal.begin(beginWrite(samplePayment()))
    await journal.backup(`${file}.copy`)
    const kept = [file, `${file}-wal`, `${file}.copy`]
    expect(kept.map(name => (statSync(name).mode & 0o777).toString(8))).toEqual(['600', '600', '600'])
    await journal.close()
  })

  it('keeps everything over a close, and lets nobody in before', async () => {
    const payments = Array.from({ length: 600 }, () => samplePayment())
    const begun = payments.map(payment => under.journal.begin(beginWrite(payment)))
    await expect(SqliteJournal.open({ file: path(), now: Date.now })).rejects.toThrow(
      /in use by another process/,
    )
    await under.journal.close()
    expect((await Promise.all(begun)).every(({ kind }) => kind === 'begun')).toBe(true)
    await expect(under.journal.begin(beginWrite(samplePayment()))).rejects.toBeInstanceOf(JournalUnavailable)
    const again = await SqliteJournal.open({ file: path(), now: Date.now })
    for (const payment of payments) expect((await again.find('demo', payment.id))?.payment).toEqual(payment)
    await again.close()
  })

  it('refuses to change what speaks of money that moved', async () => {
    const payment = samplePayment()
    await under.journal.begin(beginWrite(payment))
    await under.journal.close()
    const db = new DatabaseSync(path())
    expect(() => db.exec("update payment_history set body = '{}'")).toThrow(/append-only/)
    expect(() => db.exec('delete from payment_history')).toThrow(/append-only/)
    db.exec("insert into fund_movements values ('m', 'p', 's', 'drawdown', 1, 1)")
    expect(() => db.exec('update fund_movements set value = 2')).toThrow(/append-only/)
    db.close()
  })

  it('finds payments of before by what upstreams call them, once it has migrated', async () => {
    const attempt = sampleAttempt({ status: 'approved', providerReference: 'prov-old' })
    const payment = samplePayment({ attempts: [attempt] })
    await under.journal.begin(beginWrite(payment))
    await under.journal.close()
    const db = new DatabaseSync(path())
    db.exec('drop table provider_references; delete from migrations where number = 2')
    db.close()
    const after = await SqliteJournal.open({ file: path(), now: Date.now })
    expect((await after.findByProviderReference('prov-old', 9)).map(found => found.payment)).toEqual([
      payment,
    ])
    await after.close()
  })

  it('refuses tables of a version that it does not know', async () => {
    await under.journal.close()
    const db = new DatabaseSync(path())
    db.exec('insert into migrations (number, at) values (99, 1)')
    db.close()
    await expect(SqliteJournal.open({ file: path(), now: Date.now })).rejects.toThrow(/version 99/)
  })

  it('says when the file is where a restart loses it, and nothing when it is safe', async () => {
    const { warnings } = await under.journal.check()
    const tmpfs = statfsSync(folder).type === 0x01021994
    expect(warnings).toEqual(tmpfs ? [expect.stringContaining('tmpfs')] : [])
    if (statfsSync('/dev/shm', { bigint: false }).type !== 0x01021994) return
    const shared = mkdtempSync('/dev/shm/fundroute-journal-')
    const journal = await SqliteJournal.open({ file: join(shared, 'journal.db'), now: Date.now })
    expect((await journal.check()).warnings).toEqual([expect.stringContaining('tmpfs')])
    await journal.close()
    rmSync(shared, { recursive: true })
  })

  it('rejects with a sentence when there is no folder for the file', async () => {
    const file = join(folder, 'none', 'journal.db')
    await expect(SqliteJournal.open({ file, now: Date.now })).rejects.toThrow(/unable to open/)
  })

  it('refuses more than a bounded number of calls at once', async () => {
    const calls = Array.from({ length: 20_100 }, () => under.journal.find('demo', fresh('none')))
    const results = await Promise.allSettled(calls)
    const refused = results.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(100)
    expect(refused[0]).toMatchObject({ reason: { name: 'JournalUnavailable' } })
  })
})

describe('a process that is killed while it writes', () => {
  const writer = `
    import { SqliteJournal } from ${JSON.stringify(join(import.meta.dirname, '../../src/adapters/sqlite/journal.ts'))}
    import { beginWrite, samplePayment } from ${JSON.stringify(join(import.meta.dirname, 'journal-samples.ts'))}
    const journal = await SqliteJournal.open({ file: process.argv[2], now: Date.now })
    for (let lane = 0; lane < 16; lane++) void write()
    async function write() {
      for (;;) {
        const payment = samplePayment()
        payment.id += process.pid
        payment.attempts[0].reference += process.pid
        payment.context.orderId += process.pid
        const write = beginWrite(payment, { reserve: { reference: payment.id, funds: { pool: 'p', legs: [{ source: 's', value: 1 }] } } })
        const { kind } = await journal.begin({ ...write, key: { ...write.key, key: payment.id } })
        process.stdout.write(kind + ' ' + payment.id + '\\n')
      }
    }
  `

  it('has lost nothing that it was told is written, and leaves the file free', async () => {
    const setUp = await SqliteJournal.open({ file: path(), now: Date.now })
    await setUp.declareFunds('p', 's', 1_000_000)
    await setUp.close()
    const told: string[] = []
    writeFileSync(join(folder, 'writer.ts'), writer)
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, [join(folder, 'writer.ts'), path()], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const until = told.length + 200 + 50 * round
      for await (const line of createInterface(child.stdout)) {
        told.push(line)
        if (told.length === until) child.kill('SIGKILL')
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      expect(child.signalCode).toBe('SIGKILL')
    }
    const journal = await SqliteJournal.open({ file: path(), now: Date.now })
    for (const line of told) {
      const [kind, id] = line.split(' ')
      expect(kind).toBe('begun')
      expect(await journal.find('demo', id ?? ''), line).toBeDefined()
    }
    // Every payment that is there has what it reserved: no write was applied in part.
    const [source] = await journal.listFunds()
    await journal.close()
    const db = new DatabaseSync(path())
    const count = (table: string) => db.prepare(`select count(*) as n from ${table}`).get()?.n
    expect(count('payments')).toBe(source?.reserved)
    for (const table of ['payment_history', 'payment_keys', 'payment_references', 'reservations']) {
      expect(count(table)).toBe(source?.reserved)
    }
    expect(db.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
    db.close()
  })
})
