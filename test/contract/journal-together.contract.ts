import { expect, it } from 'vitest'
import type { BeginWrite, Journal, OutboxItem } from '../../src/ports/journal.ts'
import { beginWrite, fresh, sampleAttempt, samplePayment, saveWrite } from './journal-samples.ts'
import type { JournalUnderTest } from './journal.contract.ts'

/** A begin with everything that a payment can bring, so that a refusal has all of it to leave out. */
function fullBegin(orderId: string = fresh('order')): BeginWrite & { readonly outbox: OutboxItem[] } {
  const attempts = [sampleAttempt({ providerReference: fresh('prov') }), sampleAttempt()]
  const payment = samplePayment({ orderId, attempts })
  const decision = { id: fresh('dec'), tenant: 'demo', orderId, at: 1, body: '{"whole":true}' }
  const event = { endpoint: 'e', tenant: 'demo', type: 't', body: '{}', dueAt: 0 }
  const outbox = [
    { ...event, id: fresh('event') },
    { ...event, id: fresh('event') },
  ]
  return { ...beginWrite(payment), decision, outbox }
}

/** Which parts of a write are there. */
async function partsOf(journal: Journal, write: ReturnType<typeof fullBegin>): Promise<boolean[]> {
  const { payment, key, decision, outbox } = write
  const references = payment.attempts.map(({ reference }) => journal.findByReference(reference))
  const provider = payment.attempts[0]?.providerReference ?? ''
  const events = await journal.claimOutbox(1_000, 0)
  return [
    (await journal.find('demo', payment.id)) !== undefined,
    (await journal.history('demo', payment.id)).length > 0,
    ...(await Promise.all(references)).map(found => found?.payment.id === payment.id),
    (await journal.findByProviderReference(provider, 9)).length > 0,
    (await journal.findByKey('demo', key.key))?.stored.payment.id === payment.id,
    (await journal.findDecision('demo', decision?.id ?? ''))?.body === decision?.body,
    ...outbox.map(({ id }) => events.some(event => event.id === id)),
  ]
}

const WHOLE = Array<boolean>(9).fill(true)
const NOTHING = Array<boolean>(9).fill(false)

export function journalTogetherContract(get: () => JournalUnderTest): void {
  it('writes each of what arrives together as a whole or not at all, and tells each what became of it', async () => {
    const { journal } = get()
    const live = fullBegin()
    const saved = [fullBegin(), fullBegin(), fullBegin()]
    await Promise.all([live, ...saved].map(write => journal.begin(write)))
    const good = [fullBegin(), fullBegin()]
    const sameOrder = fresh('order')
    const rivals = [fullBegin(sameOrder), fullBegin(sameOrder)]
    const keyTaken = { ...fullBegin(), key: { ...live.key, fingerprint: 'another' } }
    const orderTaken = fullBegin(live.payment.context.orderId)
    const [first, second, stale] = saved.map(({ payment }) => ({ payment, version: 1, epoch: 1 }))
    if (first === undefined || second === undefined || stale === undefined) throw new Error('three are saved')
    const later = sampleAttempt()

    const results = await Promise.all([
      journal.begin(good[0] as BeginWrite),
      journal.save(saveWrite(first, { attempts: [...first.payment.attempts, later] })),
      journal.begin(keyTaken),
      journal.save(saveWrite(second, { sequence: 7 }, { epoch: 1 })),
      journal.save(saveWrite(second, { sequence: 8 }, { epoch: 1 })),
      journal.begin(orderTaken),
      ...rivals.map(rival => journal.begin(rival)),
      journal.save(saveWrite({ ...stale, version: 9 })),
      journal.save(saveWrite(stale, {}, { epoch: 4 })),
      journal.begin(good[1] as BeginWrite),
    ])
    expect(results.map(({ kind }) => kind)).toEqual([
      'begun',
      'saved',
      'key_exists',
      'saved',
      'conflict',
      'order_exists',
      'begun',
      'order_exists',
      'conflict',
      'conflict',
      'begun',
    ])
    expect(results[7]).toMatchObject({ stored: { payment: { id: rivals[0]?.payment.id } } })
    expect((await journal.find('demo', second.payment.id))?.payment.sequence).toBe(7)
    expect((await journal.findByReference(later.reference))?.version).toBe(2)
    for (const write of [live, ...saved, ...good, rivals[0] as typeof live])
      expect(await partsOf(journal, write)).toEqual(WHOLE)
    expect(await partsOf(journal, orderTaken)).toEqual(NOTHING)
    expect(await partsOf(journal, rivals[1] as typeof live)).toEqual(NOTHING)
    expect(await partsOf(journal, { ...keyTaken, key: { ...keyTaken.key, key: 'unknown' } })).toEqual(NOTHING)
    expect((await journal.findByKey('demo', live.key.key))?.key).toEqual(live.key)
  })
}
