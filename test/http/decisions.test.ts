import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import { cny, codes, contextOf, decide, pay, type ProblemView } from './payments.ts'
import type { Target } from './target.ts'

interface RecordView {
  readonly id: string
  readonly at: string
  readonly policyVersion: string
  readonly inputs: { context: object; now: number; seed: number; routes: Record<string, object> }
  readonly candidates: readonly { route: string; gates: object; value: object }[]
  readonly cascade: readonly string[]
}

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.stop())

const report = (decision: string, body: object) =>
  target.api<{ counted: boolean } & ProblemView>('POST', `/v1/decisions/${decision}/outcomes`, { body })
const outcome = (change: object = {}) => ({
  attempt: crypto.randomUUID(),
  route: 'card_a',
  status: 'approved',
  latencyMs: 420,
  ...change,
})
/** How many results the gateway has learned from for a route. */
const learned = async (route: string): Promise<number> => {
  const { body } = await decide(target, contextOf())
  return body.candidates.find(candidate => candidate.route === route)?.value?.approval ?? Number.NaN
}

describe('a decision', () => {
  it('names the routes in the order in which they should be tried, and sends nothing', async () => {
    const context = contextOf({ funding: { accept: [{ tender: 'card' }, { tender: 'wallet' }] } })
    const before = (await target.sandbox.requests()).card_a.pay
    const { status, body } = await decide(target, context)
    expect([status, body.cascade]).toEqual([200, ['card_a', 'card_b', 'wallet']])
    expect(body.candidates.map(({ route }) => route)).toEqual([
      'jd_baitiao',
      'card_a',
      'card_b',
      'flash_pay',
      'wallet',
      'balance',
    ])
    expect((await target.sandbox.requests()).card_a.pay).toBe(before)
  })

  it('needs no quote for credit, and no key for repetitions', async () => {
    const { body } = await decide(target, contextOf({ funding: { accept: [{ tender: 'credit' }] } }))
    expect(body.cascade).toEqual(['jd_baitiao'])
  })

  it.each([undefined, 'durable'])('can be read again whole, also at once (Prefer: %s)', async prefer => {
    const context = contextOf({ payer: { id: 'u-5', locale: 'en' }, metadata: { basket: '7' } })
    const { body } = await decide(target, context, { headers: { prefer } })
    const { status, body: record } = await target.api<RecordView>('GET', `/v1/decisions/${body.id}`)
    expect(status).toBe(200)
    expect(record).toMatchObject({ id: body.id, cascade: body.cascade, policyVersion: body.policyVersion })
    expect(record.inputs).toMatchObject({ context, seed: body.seed })
    expect(Object.keys(record.inputs.routes)).toEqual(body.candidates.map(({ route }) => route))
    expect(record.candidates.map(({ value }) => value)).toEqual(body.candidates.map(({ value }) => value))
  })

  it('of a payment is kept with it', async () => {
    const { body } = await pay(target, contextOf())
    const { body: record } = await target.api<RecordView>('GET', `/v1/decisions/${body.decision}`)
    expect(record.cascade[0]).toBe(body.route)
  })

  it('takes the margin of the request instead of the policy’s', async () => {
    const rich = await decide(target, contextOf({ marginBps: 3_000 }))
    const poor = await decide(target, contextOf({ marginBps: 100 }))
    expect(rich.body.candidates[1]?.value?.gain).toBeGreaterThan(poor.body.candidates[1]?.value?.gain ?? 0)
  })

  it('says of every route why not, when there is none', async () => {
    const { status, body } = await decide(target, contextOf({ amount: cny(900_000_000) }))
    expect([status, body.cascade]).toEqual([200, []])
    for (const { reasons } of body.candidates) expect(codes(reasons)).toContain('MER_AMOUNT_OUT_OF_RANGE')
  })

  it('that nobody made is 404', async () => {
    for (const path of ['/v1/decisions/dec_nobody', '/v1/decisions/dec_nobody/outcomes']) {
      const answer = path.endsWith('outcomes')
        ? await report('dec_nobody', outcome())
        : await target.api<ProblemView>('GET', path)
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
    }
  })
})

describe('the outcome of a decision', () => {
  it('is counted once per attempt, however often it is told', async () => {
    const { body } = await decide(target, contextOf())
    const told = outcome({ status: 'declined', declineCategory: 'issuer_declined' })
    const before = await learned('card_a')
    const first = await report(body.id, told)
    expect([first.status, first.body]).toEqual([201, { counted: true }])
    const after = await learned('card_a')
    expect(after).toBeLessThan(before)
    const repeats = await Promise.all(Array.from({ length: 10 }, () => report(body.id, told)))
    expect(repeats.map(answer => [answer.status, answer.body.counted])).toEqual(
      repeats.map(() => [200, false]),
    )
    expect(await learned('card_a')).toBeCloseTo(after, 3)
  })

  it('told ten times at the same moment is counted once', async () => {
    const { body } = await decide(target, contextOf())
    const told = outcome()
    const answers = await Promise.all(Array.from({ length: 10 }, () => report(body.id, told)))
    expect(answers.filter(answer => answer.body.counted)).toHaveLength(1)
  })

  it('may be unknown first and final later', async () => {
    const { body } = await decide(target, contextOf())
    const attempt = crypto.randomUUID()
    expect((await report(body.id, outcome({ attempt, status: 'unknown' }))).body.counted).toBe(true)
    expect((await report(body.id, outcome({ attempt, status: 'approved' }))).body.counted).toBe(true)
    expect((await report(body.id, outcome({ attempt, status: 'declined' }))).body.counted).toBe(false)
  })

  it('of several attempts of one decision counts each', async () => {
    const { body } = await decide(target, contextOf())
    for (const route of ['card_a', 'card_b']) {
      expect((await report(body.id, outcome({ route }))).body.counted).toBe(true)
    }
  })

  it.each([
    ['a route that was no candidate', { route: 'nobody' }, '/route'],
    ['an unknown status', { status: 'fine' }, '/status'],
    ['an unknown category', { status: 'declined', declineCategory: 'tired' }, '/declineCategory'],
    ['a negative latency', { latencyMs: -1 }, '/latencyMs'],
    ['an unknown field', { mood: 'good' }, '/mood'],
  ])('with %s is refused and not counted', async (_name, change, pointer) => {
    const { body } = await decide(target, contextOf())
    const attempt = crypto.randomUUID()
    const answer = await report(body.id, outcome({ attempt, ...change }))
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([400, pointer])
    expect((await report(body.id, outcome({ attempt }))).body.counted).toBe(true)
  })
})
