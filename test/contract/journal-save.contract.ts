import { expect, it } from 'vitest'
import type { Attempt, Operation, Payment } from '../../src/core/payment/payment.ts'
import type { Journal, StoredPayment } from '../../src/ports/journal.ts'
import { beginWrite, fresh, sampleAttempt, samplePayment, saveWrite } from './journal-samples.ts'
import type { JournalUnderTest } from './journal.contract.ts'

export function sampleOperation(change: Partial<Operation> = {}): Operation {
  return {
    id: fresh('op'),
    kind: 'refund',
    reference: fresh('ref'),
    amount: { currency: 'CNY', value: 100 },
    status: 'intent',
    openedAt: 1,
    sendableUntil: 2,
    ...change,
  }
}

/** A payment that has been begun. */
export async function begun(
  journal: Journal,
  change: Parameters<typeof samplePayment>[0] = {},
): Promise<StoredPayment> {
  const payment = samplePayment(change)
  expect((await journal.begin(beginWrite(payment))).kind).toBe('begun')
  return { payment, version: 1, epoch: 1 }
}

export function journalSaveContract(get: () => JournalUnderTest): void {
  it('replaces the payment and counts the version', async () => {
    const { journal } = get()
    const stored = await begun(journal)
    const write = saveWrite(stored, { result: 'succeeded', winner: 'x', reasons: ['二'] }, { epoch: 1 })
    expect(await journal.save(write)).toEqual({ kind: 'saved', version: 2 })
    expect(await journal.find('demo', stored.payment.id)).toEqual({
      payment: write.payment,
      version: 2,
      epoch: 1,
    })
  })

  it('refuses a write made from another version, and tells what stands', async () => {
    const { journal } = get()
    const stored = await begun(journal)
    const first = saveWrite(stored, { reasons: ['first'] })
    await journal.save(first)
    const item = { id: fresh('evt'), tenant: 'demo', endpoint: 'e', type: 't', body: '{}', dueAt: 0 }
    const decision = { id: fresh('dec'), tenant: 'demo', orderId: 'o', at: 1, body: '{}' }
    const attempts = [...stored.payment.attempts, sampleAttempt()]
    const late = saveWrite(
      stored,
      { reasons: ['late'], attempts },
      { outbox: [item], decision, key: { key: fresh('key'), fingerprint: 'f', target: 'x' } },
    )
    expect(await journal.save(late)).toEqual({
      kind: 'conflict',
      stored: { payment: first.payment, version: 2, epoch: 1 },
    })
    expect(await journal.claimOutbox(10, 1000)).toEqual([])
    expect(await journal.findDecision('demo', decision.id)).toBeUndefined()
    expect(await journal.findByReference(attempts[1]?.reference ?? '')).toBeUndefined()
    expect(await journal.findByKey('demo', late.key?.key ?? '')).toBeUndefined()
    expect((await journal.save({ ...late, version: 3 })).kind).toBe('conflict')
  })

  it('refuses a write under an epoch that has passed on, and takes evidence that names none', async () => {
    const { journal } = get()
    const stored = await begun(journal)
    const taken = await journal.claim('demo', stored.payment.id, 0)
    expect(taken).toEqual({ payment: stored.payment, version: 2, epoch: 2 })
    const stale = saveWrite({ ...stored, version: 2 }, {}, { epoch: 1 })
    expect(await journal.save(stale)).toEqual({ kind: 'conflict', stored: taken })
    const evidence = saveWrite({ ...stored, version: 2 }, { reasons: ['seen'] })
    expect(await journal.save(evidence)).toEqual({ kind: 'saved', version: 3 })
    expect((await journal.find('demo', stored.payment.id))?.epoch).toBe(2)
  })

  it('lets one of 20 writes from the same version win', async () => {
    const { journal, other } = get()
    const stored = await begun(journal)
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? journal : other).save(saveWrite(stored, { reasons: [`r${i}`] })),
      ),
    )
    const winner = results.findIndex(({ kind }) => kind === 'saved')
    expect(results.filter(({ kind }) => kind === 'conflict')).toHaveLength(19)
    const final = await journal.find('demo', stored.payment.id)
    expect(final).toEqual({ payment: { ...stored.payment, reasons: [`r${winner}`] }, version: 2, epoch: 1 })
  })

  it('rejects a payment that was never begun, and one of another tenant', async () => {
    const { journal } = get()
    const stored = await begun(journal)
    const never = { payment: samplePayment(), version: 1, epoch: 1 }
    await expect(journal.save(saveWrite(never))).rejects.toBeInstanceOf(TypeError)
    await expect(journal.save(saveWrite(stored, { tenant: 'other' }))).rejects.toBeInstanceOf(TypeError)
  })

  it('binds a joining key to the payment in the same write', async () => {
    const { journal } = get()
    const stored = await begun(journal)
    const key = { key: fresh('key'), fingerprint: 'g', target: 'payment' }
    const write = saveWrite(stored, {}, { key })
    expect((await journal.save(write)).kind).toBe('saved')
    const now = { payment: stored.payment, version: 2, epoch: 1 }
    expect(await journal.findByKey('demo', key.key)).toEqual({ key, stored: now })
    // A repetition whose first try was applied: the key answers before the version does.
    expect(await journal.save(write)).toEqual({ kind: 'key_exists', key, stored: now })
    expect((await journal.begin(beginWrite(samplePayment(), { key }))).kind).toBe('key_exists')
  })

  it('binds no key that another payment has', async () => {
    const { journal } = get()
    const theirs = beginWrite(samplePayment())
    await journal.begin(theirs)
    const stored = await begun(journal)
    const result = await journal.save(saveWrite(stored, { reasons: ['no'] }, { key: theirs.key }))
    expect(result).toMatchObject({ kind: 'key_exists', stored: { payment: { id: theirs.payment.id } } })
    expect(await journal.find('demo', stored.payment.id)).toEqual(stored)
  })

  it('consumes a notification once per route, and only with its write', async () => {
    const { journal } = get()
    const stored = await begun(journal)
    const inbox = { route: 'card_a', eventId: fresh('evt') }
    expect((await journal.save(saveWrite({ ...stored, version: 9 }, {}, { inbox }))).kind).toBe('conflict')
    expect((await journal.save(saveWrite(stored, {}, { inbox }))).kind).toBe('saved')
    expect(await journal.save(saveWrite(stored, {}, { inbox }))).toEqual({ kind: 'duplicate_event' })
    const next = saveWrite({ ...stored, version: 2 }, {}, { inbox: { ...inbox, route: 'card_b' } })
    expect((await journal.save(next)).kind).toBe('saved')
  })

  it('applies one of 20 copies of a notification that arrive together', async () => {
    const { journal, other } = get()
    const stored = await begun(journal)
    const inbox = { route: 'card_a', eventId: fresh('evt') }
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? journal : other).save(saveWrite(stored, {}, { inbox }))),
    )
    expect(results.filter(({ kind }) => kind === 'saved')).toHaveLength(1)
    expect((await journal.find('demo', stored.payment.id))?.version).toBe(2)
  })

  const voided: Partial<Payment> = {
    result: 'authorized',
    operations: [sampleOperation({ kind: 'void', status: 'succeeded' })],
  }
  it.each<[string, Partial<Payment>]>([
    ['declined', { result: 'declined' }],
    ['unsent', { result: 'unsent' }],
    ['canceled', { result: 'canceled' }],
    ['voided', voided],
  ])('frees the order of a payment that ends %s', async (_, end) => {
    const { journal } = get()
    const first = await begun(journal)
    expect((await journal.save(saveWrite(first, end))).kind).toBe('saved')
    const { orderId } = first.payment.context
    const second = await begun(journal, { orderId })
    // A late write about the first takes nothing from the second.
    await journal.save(saveWrite({ ...first, version: 2 }, { ...end, reasons: ['late'] }))
    expect(await journal.begin(beginWrite(samplePayment({ orderId })))).toEqual({
      kind: 'order_exists',
      stored: second,
    })
  })

  it.each<[string, Partial<Payment>]>([
    ['succeeded', { result: 'succeeded' }],
    ['authorized', { result: 'authorized' }],
    ['manual', { manual: 'amount_mismatch' }],
    ['pending', {}],
  ])('keeps the order of a payment that is %s', async (_, end) => {
    const { journal } = get()
    const first = await begun(journal)
    await journal.save(saveWrite(first, end))
    const { orderId } = first.payment.context
    expect((await journal.begin(beginWrite(samplePayment({ orderId })))).kind).toBe('order_exists')
  })

  it('finds a payment by the references of its later attempts and its refunds', async () => {
    const { journal } = get()
    const stored = await begun(journal)
    const attempts = [...stored.payment.attempts, sampleAttempt()]
    const operations = [sampleOperation()]
    await journal.save(saveWrite(stored, { attempts, operations }))
    for (const { reference } of [...attempts, ...operations]) {
      expect((await journal.findByReference(reference))?.payment.id).toBe(stored.payment.id)
    }
  })

  it('finds payments of any tenant by what upstreams call their attempts, newest first', async () => {
    const { journal } = get()
    const name = fresh('prov')
    const named = (providerReference: string) => sampleAttempt({ status: 'processing', providerReference })
    const first = await begun(journal, { createdAt: 1_000, attempts: [named(name)] })
    const later = await begun(journal, { createdAt: 2_000, tenant: 'other' })
    expect(await journal.findByProviderReference(name, 9)).toEqual([first])
    const [attempt] = later.payment.attempts
    const renamed = { ...attempt, providerReference: fresh('prov') } as Attempt
    await journal.save(saveWrite(later, { attempts: [renamed] }))
    const again = { ...renamed, providerReference: name }
    await journal.save(saveWrite({ ...later, version: 2 }, { attempts: [again] }))
    const found = await journal.findByProviderReference(name, 9)
    expect(found.map(({ payment }) => payment.id)).toEqual([later.payment.id, first.payment.id])
    expect(await journal.findByProviderReference(name, 1)).toHaveLength(1)
    expect(await journal.findByProviderReference(`${name}-`, 9)).toEqual([])
  })

  it('takes what an upstream calls an attempt, whatever characters that has', async () => {
    const { journal } = get()
    const names = ['二"%_', 'a\u001eb', 'a\u0000b', '\ud800', '\u001fx', 'x'.repeat(2_000)]
    for (const providerReference of names) {
      const { payment } = await begun(journal, { attempts: [sampleAttempt({ providerReference })] })
      expect((await journal.find('demo', payment.id))?.payment).toEqual(payment)
    }
    expect(await journal.findByProviderReference('二"%_', 9)).toHaveLength(1)
  })

  it('gives no reference to two payments', async () => {
    const { journal } = get()
    const [one, two] = [await begun(journal), await begun(journal)]
    const attempts = [...two.payment.attempts, ...one.payment.attempts]
    await expect(journal.save(saveWrite(two, { attempts }))).rejects.toBeInstanceOf(TypeError)
    expect(await journal.find('demo', two.payment.id)).toEqual(two)
  })

  it('writes the decision and the events with the payment', async () => {
    const { journal } = get()
    const stored = await begun(journal)
    const decision = { id: fresh('dec'), tenant: 'demo', orderId: 'o', at: 5, body: '{}' }
    const items = ['e1', 'e2'].map(endpoint => ({
      id: 'evt',
      tenant: 'demo',
      endpoint,
      type: 't',
      body: '{"a":\n1}',
      dueAt: 1,
    }))
    await journal.save(saveWrite(stored, {}, { decision, outbox: items }))
    expect(await journal.findDecision('demo', decision.id)).toEqual(decision)
    expect(await journal.claimOutbox(10, 1000)).toEqual(items.map(item => ({ ...item, tries: 0 })))
  })
}
