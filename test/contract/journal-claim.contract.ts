import { expect, it } from 'vitest'
import { CLOCK_ERROR_MS } from '../../src/core/payment/transition.ts'
import type { HistoryRow } from '../../src/ports/journal.ts'
import { sampleOperation } from './journal-save.contract.ts'
import { beginWrite, fresh, samplePayment, saveWrite } from './journal-samples.ts'
import type { JournalUnderTest } from './journal.contract.ts'

const LEASE_MS = 60_000

export function journalClaimContract(get: () => JournalUnderTest): void {
  it('claims what is due and held by nobody: epoch and version grow', async () => {
    const { journal, now } = get()
    const payment = samplePayment()
    await journal.begin(beginWrite(payment, { dueAt: now() - 1 }))
    expect(await journal.claimDue(10, LEASE_MS)).toEqual([{ payment, version: 2, epoch: 2 }])
    expect(await journal.find('demo', payment.id)).toEqual({ payment, version: 2, epoch: 2 })
    expect(await journal.claimDue(10, LEASE_MS)).toEqual([])
  })

  it('leaves alone what is not due yet or never', async () => {
    const { journal, now, advance } = get()
    const later = samplePayment()
    await journal.begin(beginWrite(later, { dueAt: now() + 60_000 }))
    await journal.begin(beginWrite(samplePayment(), { dueAt: null }))
    expect(await journal.claimDue(10, LEASE_MS)).toEqual([])
    await advance(60_001)
    expect((await journal.claimDue(10, LEASE_MS)).map(({ payment }) => payment.id)).toEqual([later.id])
  })

  it('takes over only when a lease, and the error of clocks, have passed', async () => {
    const { journal, now, advance } = get()
    const { id, ...rest } = samplePayment()
    await journal.begin(beginWrite({ id, ...rest }, { dueAt: now() - 1, leaseMs: LEASE_MS }))
    expect(await journal.claim('demo', id, LEASE_MS)).toBeUndefined()
    await advance(LEASE_MS + CLOCK_ERROR_MS / 2)
    expect(await journal.claimDue(10, LEASE_MS)).toEqual([])
    expect(await journal.claim('demo', id, LEASE_MS)).toBeUndefined()
    await advance(CLOCK_ERROR_MS)
    expect(await journal.claimDue(10, LEASE_MS)).toMatchObject([{ epoch: 2 }])
    await advance(LEASE_MS)
    expect(await journal.claim('demo', id, LEASE_MS)).toBeUndefined()
    await advance(2 * CLOCK_ERROR_MS)
    expect(await journal.claim('demo', id, LEASE_MS)).toMatchObject({ version: 3, epoch: 3 })
  })

  it('renews, gives up and keeps a lease as the write says', async () => {
    const { journal, now, advance } = get()
    const payment = samplePayment()
    const dueAt = now() - 1
    await journal.begin(beginWrite(payment, { dueAt, leaseMs: LEASE_MS }))
    await advance(LEASE_MS)
    await journal.save(
      saveWrite({ payment, version: 1, epoch: 1 }, {}, { dueAt, leaseMs: LEASE_MS, epoch: 1 }),
    )
    await advance(LEASE_MS - 1000)
    expect(await journal.claimDue(10, LEASE_MS)).toEqual([])
    await journal.save(saveWrite({ payment, version: 2, epoch: 1 }, {}, { dueAt }))
    expect(await journal.claimDue(10, LEASE_MS)).toEqual([])
    await journal.save(saveWrite({ payment, version: 3, epoch: 1 }, {}, { dueAt, leaseMs: 0 }))
    expect(await journal.claimDue(10, LEASE_MS)).toMatchObject([{ version: 5, epoch: 2 }])
  })

  it('claims the longest due first, up to the limit', async () => {
    const { journal, now } = get()
    const started = now()
    for (const age of [10, 30, 20]) {
      await journal.begin(beginWrite(samplePayment({ id: `age-${age}` }), { dueAt: started - age }))
    }
    const ids = async () => (await journal.claimDue(2, LEASE_MS)).map(({ payment }) => payment.id)
    expect(await ids()).toEqual(['age-30', 'age-20'])
    expect(await ids()).toEqual(['age-10'])
  })

  it('never gives a payment to two claimers', async () => {
    const { journal, other, now } = get()
    const payments = Array.from({ length: 40 }, () => samplePayment())
    await Promise.all(payments.map(payment => journal.begin(beginWrite(payment, { dueAt: now() - 1 }))))
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, i) => (i % 2 ? journal : other).claimDue(7, LEASE_MS)),
    )
    const single = await Promise.all(
      payments.map(({ id }) => other.claim('demo', id, LEASE_MS).then(stored => stored ?? [])),
    )
    const ids = [...claims, ...single].flat().map(({ payment }) => payment.id)
    expect(ids.toSorted()).toEqual(payments.map(({ id }) => id).toSorted())
  })

  it('claims one payment at once, due or not, for one of many callers', async () => {
    const { journal, other } = get()
    const payment = samplePayment()
    await journal.begin(beginWrite(payment))
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? journal : other).claim('demo', payment.id, LEASE_MS)),
    )
    expect(claims.filter(claim => claim !== undefined)).toEqual([{ payment, version: 2, epoch: 2 }])
  })

  it('lists what is open or manual, oldest due first, what is due for nobody last', async () => {
    const { journal, now } = get()
    const begin = (change: Parameters<typeof samplePayment>[0], dueAt: number | null) =>
      journal.begin(beginWrite(samplePayment(change), { dueAt }))
    await begin({ id: 'done', result: 'succeeded', attempts: [] }, null)
    await begin({ id: 'manual', manual: 'amount_mismatch', tenant: 'other' }, null)
    await begin(
      {
        id: 'stuck-refund',
        result: 'succeeded',
        attempts: [],
        operations: [sampleOperation({ status: 'manual' })],
      },
      null,
    )
    const started = now()
    await begin({ id: 'later' }, started + 500)
    await begin({ id: 'sooner' }, started + 100)
    const ids = async (tenant: string | undefined, limit: number) =>
      (await journal.listOpen(tenant, limit)).map(({ payment }) => payment.id)
    expect(await ids(undefined, 10)).toEqual(['sooner', 'later', 'manual', 'stuck-refund'])
    expect(await ids(undefined, 1)).toEqual(['sooner'])
    expect(await ids('demo', 10)).toEqual(['sooner', 'later', 'stuck-refund'])
    const stored = await journal.find('demo', 'sooner')
    if (stored !== undefined) await journal.save(saveWrite(stored, { result: 'declined', attempts: [] }))
    expect(await ids('demo', 10)).toEqual(['later', 'stuck-refund'])
  })

  it('keeps every write in a chain of hashes', async () => {
    const { journal, now } = get()
    const started = now()
    const payment = samplePayment()
    await journal.begin(beginWrite(payment))
    await journal.save(saveWrite({ payment, version: 1, epoch: 1 }, { result: 'succeeded', winner: 'w' }))
    await journal.claim('demo', payment.id, 0)
    await journal.save(saveWrite({ payment, version: 7, epoch: 1 }))
    const rows = await journal.history('demo', payment.id)
    expect(rows.map(({ version, epoch }) => [version, epoch])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
    ])
    expect(JSON.parse(rows[0]?.body ?? '')).toMatchObject({
      attempts: [{ reference: payment.attempts[0]?.reference, status: 'intent' }],
    })
    expect(JSON.parse(rows[1]?.body ?? '')).toMatchObject({ result: 'succeeded', winner: 'w' })
    expect(rows[2]?.body).toBe('{"claimed":true}')
    for (const { at } of rows) expect(Math.abs(at - started)).toBeLessThan(60_000)
    await expectChained(rows)
  })

  it('keeps the history without what the payer told', async () => {
    const { journal } = get()
    const payment = samplePayment()
    await journal.begin(beginWrite(payment))
    expect(JSON.stringify(await journal.history('demo', payment.id))).not.toContain('u-1')
  })

  it('works when it is checked', async () => {
    await expect(get().journal.check()).resolves.toHaveProperty('warnings')
  })

  it('answers nothing once it is closed', async () => {
    const { journal } = get()
    await journal.close()
    await expect(journal.begin(beginWrite(samplePayment()))).rejects.toMatchObject({
      name: 'JournalUnavailable',
    })
    await expect(journal.find('demo', fresh('x'))).rejects.toMatchObject({ name: 'JournalUnavailable' })
    await expect(journal.close()).resolves.toBeUndefined()
  })
}

async function expectChained(rows: readonly HistoryRow[]): Promise<void> {
  let before = ''
  for (const { version, epoch, at, body, hash } of rows) {
    const text = new TextEncoder().encode([before, version, epoch, at, body].join('\n'))
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
    before = [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('')
    expect(hash).toBe(before)
  }
}
