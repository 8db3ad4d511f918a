import { expect, it } from 'vitest'
import { fresh } from './journal-samples.ts'
import type { JournalUnderTest } from './journal.contract.ts'

export function journalRowsContract(get: () => JournalUnderTest): void {
  const decision = (id: string, at: number, tenant = 'demo') => ({
    id,
    tenant,
    orderId: 'o "1"',
    at,
    body: '{"id":"二"}',
  })

  it('keeps the first decision of an id, within its tenant', async () => {
    const { journal } = get()
    await journal.appendDecisions([])
    await journal.appendDecisions([decision('d1', 1), decision('d2', 2), decision('d1', 9)])
    await journal.appendDecisions([decision('d1', 8), decision('d3', 3)])
    await journal.appendDecisions([decision('d1', 7, 'other')])
    expect(await journal.findDecision('demo', 'd1')).toEqual(decision('d1', 1))
    expect(await journal.findDecision('other', 'd1')).toEqual(decision('d1', 7, 'other'))
    expect(await journal.findDecision('demo', 'd3')).toEqual(decision('d3', 3))
    expect(await journal.findDecision('demo', 'd4')).toBeUndefined()
  })

  it('lists decisions of a time, newest first, up to a limit', async () => {
    const { journal } = get()
    await journal.appendDecisions([5, 1, 3, 2, 4].map(at => decision(`d${at}`, at)))
    await journal.appendDecisions([decision('theirs', 3, 'other')])
    const at = async (from: number, to: number, limit: number) =>
      (await journal.listDecisions('demo', from, to, limit)).map(row => row.at)
    expect(await at(2, 5, 10)).toEqual([4, 3, 2])
    expect(await at(0, 9, 2)).toEqual([5, 4])
  })

  it('takes the outcome of an attempt once', async () => {
    const { journal, other } = get()
    const outcome = (attempt: string, at: number) => ({ decision: 'd', attempt, at, body: `{"at":${at}}` })
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 ? journal : other).appendOutcome('demo', outcome('a2', 20)),
      ),
    )
    expect(results.filter(taken => taken)).toHaveLength(1)
    expect(await journal.appendOutcome('demo', outcome('a1', 10))).toBe(true)
    expect(await journal.appendOutcome('demo', outcome('a1', 11))).toBe(false)
    expect(await journal.appendOutcome('other', outcome('a1', 12))).toBe(true)
    expect(await journal.listOutcomes('demo', 'd', 10)).toEqual([outcome('a1', 10), outcome('a2', 20)])
    expect(await journal.listOutcomes('demo', 'd', 1)).toEqual([outcome('a1', 10)])
    expect(await journal.listOutcomes('other', 'd', 10)).toEqual([outcome('a1', 12)])
  })

  it('hands out what is due, hides it from others for a while, and counts the tries', async () => {
    const { journal, other, now, advance } = get()
    const started = now()
    const item = (endpoint: string, age: number) => ({
      id: 'evt',
      tenant: 'demo',
      endpoint,
      type: 'payment.succeeded',
      body: '{"a": "白"}',
      dueAt: started - age,
    })
    const [older, newer, later] = [item('e1', 50), item('e2', 10), item('e3', -60_000)]
    await journal.putOutbox([newer, later, older])
    await journal.putOutbox([{ ...older, body: 'another' }])
    expect(await journal.claimOutbox(1, 1000)).toEqual([{ ...older, tries: 0 }])
    expect(await other.claimOutbox(10, 1000)).toEqual([{ ...newer, tries: 0 }])
    expect(await journal.claimOutbox(10, 1000)).toEqual([])
    await advance(1001)
    const again = await journal.claimOutbox(10, 1000)
    expect(again.map(({ endpoint, tries }) => [endpoint, tries])).toEqual([
      ['e1', 1],
      ['e2', 1],
    ])
    await journal.settleOutbox('evt', 'e1', null)
    await journal.settleOutbox('evt', 'e2', now() + 5000)
    await journal.settleOutbox('evt', 'none', null)
    await advance(2000)
    expect(await journal.claimOutbox(10, 1000)).toEqual([])
    await advance(3001)
    expect((await journal.claimOutbox(10, 1000)).map(({ endpoint, tries }) => [endpoint, tries])).toEqual([
      ['e2', 2],
    ])
  })

  it('never hands an item to two claimers', async () => {
    const { journal, other, now } = get()
    const items = Array.from({ length: 30 }, () => ({
      id: fresh('evt'),
      tenant: 'demo',
      endpoint: 'e',
      type: 't',
      body: '{}',
      dueAt: now() - 1,
    }))
    await journal.putOutbox(items)
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? journal : other).claimOutbox(4, 60_000)),
    )
    const ids = claims.flat().map(({ id }) => id)
    expect(ids.toSorted()).toEqual(items.map(({ id }) => id).toSorted())
  })

  it('creates and replaces a record only from the version that stands', async () => {
    const { journal, other } = get()
    const row = (body: string) => ({ collection: 'policy', key: 'p/1', at: 5, body })
    const creations = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? journal : other).putRecord(row(`{"i":${i}}`), 0)),
    )
    expect(creations.filter(done => done)).toHaveLength(1)
    expect(await journal.putRecord(row('{"v":2}'), 2)).toBe(false)
    expect(await journal.putRecord(row('{"v":2}'), 1)).toBe(true)
    expect(await journal.putRecord(row('{"v":3}'), 1)).toBe(false)
    expect(await journal.getRecord('policy', 'p/1')).toEqual({ ...row('{"v":2}'), version: 2 })
    expect(await journal.getRecord('policy', 'p/2')).toBeUndefined()
    expect(await journal.getRecord('notes', 'p/1')).toBeUndefined()
    expect(await journal.putRecord({ ...row('{}'), key: 'p/9' }, 1)).toBe(false)
    expect(await journal.getRecord('policy', 'p/9')).toBeUndefined()
  })

  it('lists records by prefix in the order of their keys', async () => {
    const { journal } = get()
    for (const key of ['b_2', 'a%', 'b', 'B', 'b_10', 'bx', 'b二']) {
      await journal.putRecord({ collection: 'c', key, at: 1, body: '{}' }, 0)
    }
    await journal.putRecord({ collection: 'd', key: 'b_2', at: 1, body: '{}' }, 0)
    const keys = async (prefix: string, limit = 10) =>
      (await journal.listRecords('c', prefix, limit)).map(({ key }) => key)
    expect(await keys('b')).toEqual(['b', 'b_10', 'b_2', 'bx', 'b二'])
    expect(await keys('b_')).toEqual(['b_10', 'b_2'])
    expect(await keys('a%')).toEqual(['a%'])
    expect(await keys('%')).toEqual([])
    expect(await keys('')).toEqual(['B', 'a%', 'b', 'b_10', 'b_2', 'bx', 'b二'])
    expect(await keys('', 2)).toEqual(['B', 'a%'])
  })
}
