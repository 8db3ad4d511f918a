import { expect, it } from 'vitest'
import { beginWrite, fresh, samplePayment } from './journal-samples.ts'
import type { JournalUnderTest } from './journal.contract.ts'

export function journalBeginContract(get: () => JournalUnderTest): void {
  it('stores a payment as it is, with version and epoch 1', async () => {
    const { journal } = get()
    const payment = samplePayment()
    expect(await journal.begin(beginWrite(payment))).toEqual({ kind: 'begun', epoch: 1, version: 1 })
    const stored = { payment, version: 1, epoch: 1 }
    expect(await journal.find('demo', payment.id)).toEqual(stored)
    expect(await journal.findByReference(payment.attempts[0]?.reference ?? '')).toEqual(stored)
    expect(await journal.findByOrder('demo', payment.context.orderId, 10)).toEqual([stored])
  })

  it('gives for a known key what it caused, whatever the fingerprint, and writes nothing', async () => {
    const { journal } = get()
    const payment = samplePayment()
    const write = beginWrite(payment)
    await journal.begin(write)
    const again = samplePayment()
    const decision = { id: fresh('dec'), tenant: 'demo', orderId: 'o', at: 1, body: '{}' }
    const key = { ...write.key, fingerprint: 'another', target: 'refund-1' }
    expect(await journal.begin(beginWrite(again, { key, decision }))).toEqual({
      kind: 'key_exists',
      key: write.key,
      stored: { payment, version: 1, epoch: 1 },
    })
    expect(await journal.find('demo', again.id)).toBeUndefined()
    expect(await journal.findDecision('demo', decision.id)).toBeUndefined()
    expect((await journal.begin(beginWrite(again))).kind).toBe('begun')
  })

  it('may be repeated: the key tells that it was done', async () => {
    const { journal } = get()
    const write = beginWrite(samplePayment())
    await journal.begin(write)
    expect((await journal.begin(write)).kind).toBe('key_exists')
  })

  it('gives the live payment of an order and binds nothing to the key', async () => {
    const { journal } = get()
    const live = samplePayment()
    await journal.begin(beginWrite(live))
    const second = beginWrite(samplePayment({ orderId: live.context.orderId }))
    expect(await journal.begin(second)).toEqual({
      kind: 'order_exists',
      stored: { payment: live, version: 1, epoch: 1 },
    })
    expect(await journal.findByKey('demo', second.key.key)).toBeUndefined()
    expect(await journal.find('demo', second.payment.id)).toBeUndefined()
    expect((await journal.begin({ ...second, payment: samplePayment() })).kind).toBe('begun')
  })

  it('binds no other key to a payment that is there already', async () => {
    const { journal } = get()
    const write = beginWrite(samplePayment())
    await journal.begin(write)
    const other = beginWrite(write.payment)
    expect((await journal.begin(other)).kind).toBe('order_exists')
    expect(await journal.findByKey('demo', other.key.key)).toBeUndefined()
    expect((await journal.findByKey('demo', write.key.key))?.stored.payment.id).toBe(write.payment.id)
  })

  it('keeps tenants apart: the same id, key and order are another payment', async () => {
    const { journal } = get()
    const write = beginWrite(samplePayment())
    await journal.begin(write)
    const theirs = { ...write.payment, tenant: 'other', attempts: [] }
    expect((await journal.begin({ ...write, payment: theirs })).kind).toBe('begun')
    expect((await journal.find('other', theirs.id))?.payment).toEqual(theirs)
    expect((await journal.find('demo', theirs.id))?.payment).toEqual(write.payment)
    expect((await journal.findByKey('other', write.key.key))?.stored.payment.tenant).toBe('other')
    expect(await journal.findByOrder('third', theirs.context.orderId, 10)).toEqual([])
    expect(await journal.find('third', theirs.id)).toBeUndefined()
    expect(await journal.history('third', theirs.id)).toEqual([])
    expect(await journal.claim('third', theirs.id, 1000)).toBeUndefined()
  })

  it('begins one payment when 50 callers bring one key at once', async () => {
    const { journal, other } = get()
    const { key } = beginWrite(samplePayment())
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        (i % 2 ? journal : other).begin(beginWrite(samplePayment(), { key })),
      ),
    )
    expect(results.filter(({ kind }) => kind === 'begun')).toHaveLength(1)
    const ids = results.flatMap(result => (result.kind === 'key_exists' ? result.stored.payment.id : []))
    expect(ids).toHaveLength(49)
    expect(new Set(ids).size).toBe(1)
  })

  it('begins one payment when 50 callers bring one order at once', async () => {
    const { journal, other } = get()
    const orderId = fresh('order')
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        (i % 2 ? journal : other).begin(beginWrite(samplePayment({ orderId }))),
      ),
    )
    expect(results.filter(({ kind }) => kind === 'begun')).toHaveLength(1)
    expect(results.filter(({ kind }) => kind === 'order_exists')).toHaveLength(49)
    expect(await journal.findByOrder('demo', orderId, 100)).toHaveLength(1)
  })

  it('writes the decision and the events with the payment', async () => {
    const { journal, now } = get()
    const payment = samplePayment()
    const decision = {
      id: payment.decision,
      tenant: 'demo',
      orderId: 'o',
      at: 5,
      body: '{"note":"\\u0000二"}',
    }
    const item = { id: fresh('evt'), tenant: 'demo', endpoint: 'e', type: 't', body: '{}', dueAt: now() - 1 }
    await journal.begin(beginWrite(payment, { decision, outbox: [item] }))
    expect(await journal.findDecision('demo', payment.decision)).toEqual(decision)
    expect(await journal.claimOutbox(10, 1000)).toEqual([{ ...item, tries: 0 }])
  })

  it('lets a payment that ended at once keep no order, but refuses it where one is live', async () => {
    const { journal } = get()
    const orderId = fresh('order')
    const ended = () => samplePayment({ orderId, result: 'declined', attempts: [] })
    expect((await journal.begin(beginWrite(ended()))).kind).toBe('begun')
    expect((await journal.begin(beginWrite(ended()))).kind).toBe('begun')
    expect((await journal.begin(beginWrite(samplePayment({ orderId })))).kind).toBe('begun')
    expect((await journal.begin(beginWrite(ended()))).kind).toBe('order_exists')
  })

  it('rejects misuse and applies everything that came at the same time', async () => {
    const { journal } = get()
    const taken = samplePayment()
    await journal.begin(beginWrite(taken))
    const good = Array.from({ length: 8 }, () => samplePayment())
    const sameId = samplePayment({ id: taken.id })
    const sameReference = samplePayment({ attempts: taken.attempts })
    const minus = { reference: fresh('ref'), funds: { pool: 'p', legs: [{ source: 's', value: -1 }] } }
    const bad = [
      journal.begin(beginWrite(sameId)),
      journal.begin(beginWrite(sameReference)),
      journal.begin(beginWrite(samplePayment(), { reserve: minus })),
    ]
    const results = await Promise.allSettled([
      ...good.slice(0, 4).map(payment => journal.begin(beginWrite(payment))),
      ...bad,
      ...good.slice(4).map(payment => journal.begin(beginWrite(payment))),
    ])
    expect(results.map(({ status }) => status)).toEqual([
      ...Array(4).fill('fulfilled'),
      ...Array(3).fill('rejected'),
      ...Array(4).fill('fulfilled'),
    ])
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(TypeError)
    for (const payment of good) expect(await journal.find('demo', payment.id)).toBeDefined()
    expect(await journal.find('demo', sameReference.id)).toBeUndefined()
    expect((await journal.find('demo', taken.id))?.payment).toEqual(taken)
  })

  it('lists the payments of an order by creation, newest first, up to a limit', async () => {
    const { journal } = get()
    const orderId = fresh('order')
    for (const createdAt of [10, 30, 20]) {
      await journal.begin(beginWrite(samplePayment({ orderId, createdAt, result: 'declined', attempts: [] })))
    }
    const found = await journal.findByOrder('demo', orderId, 2)
    expect(found.map(({ payment }) => payment.createdAt)).toEqual([30, 20])
  })

  it('finds nothing for what is not there', async () => {
    const { journal } = get()
    expect(await journal.find('demo', 'none')).toBeUndefined()
    expect(await journal.findByReference('none')).toBeUndefined()
    expect(await journal.findByKey('demo', 'none')).toBeUndefined()
    expect(await journal.findByOrder('demo', 'none', 10)).toEqual([])
    expect(await journal.history('demo', 'none')).toEqual([])
    expect(await journal.claim('demo', 'none', 1000)).toBeUndefined()
  })
}
