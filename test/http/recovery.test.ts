import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SANDBOX_ROUTES } from '../../src/sandbox/protocol.ts'
import { startTarget } from './harness.ts'
import { contextOf, inFixedOrder, operate, pay, paymentNow, type ProblemView } from './payments.ts'
import type { Target } from './target.ts'

interface Report {
  readonly recovery?: {
    readonly phase: string
    readonly since: string
    readonly recordsOf: readonly string[]
  }
  readonly joined: Record<string, number>
  readonly waiting: readonly { readonly reason: string }[]
  readonly missing: readonly string[]
}

const SINCE = '2026-06-01T02:00:00.000Z'

let target: Target
beforeAll(async () => {
  target = await startTarget({
    change: config => {
      inFixedOrder(config)
      // Nothing is under way for long, so that the wait before a release is short.
      for (const { connector, capability } of config.routes) {
        Object.assign(connector, { timeoutMs: 1_000 })
        Object.assign(capability, { settleWindowMs: 0 })
      }
    },
  })
})
afterAll(() => target.stop())

const step = (body: object) => target.admin<Report & ProblemView>('POST', '/admin/v1/recovery', body)
const status = () => target.admin<Report>('GET', '/admin/v1/recovery')

describe('a recovery on a running gateway', () => {
  it('was never begun at first, and cannot be gone on with', async () => {
    expect((await status()).body).toMatchObject({ open: 0, missing: [] })
    expect((await status()).body.recovery).toBeUndefined()
    for (const body of [{ step: 'release' }, { step: 'records', records: [] }]) {
      const answer = await step(body)
      expect([answer.status, answer.body.code]).toEqual([409, 'state_conflict'])
    }
  })

  it.each([
    { step: 'hold' },
    { step: 'hold', since: '2026-06-01T02:00:00' },
    { step: 'hold', since: SINCE, more: 1 },
    { step: 'records', records: [{ route: 'card_a' }] },
    { step: 'forget' },
  ])('refuses a step that is none: %j', async body => {
    expect((await step(body)).status).toBe(400)
    expect((await status()).body.recovery).toBeUndefined()
  })

  it('sends nothing from the hold on, takes records in, and goes on after the release', {
    timeout: 40_000,
  }, async () => {
    const { body: paid } = await pay(target, contextOf())
    const held = await step({ step: 'hold', since: SINCE })
    expect(held.body.recovery).toMatchObject({ phase: 'held', since: SINCE })
    const before = await target.sandbox.requestsSeen()
    const order = contextOf()
    const refused = [
      await pay<ProblemView>(target, order),
      await operate<ProblemView>(target, paid.id, 'refunds'),
      await operate<ProblemView>(target, paid.id, 'cancel'),
    ]
    expect(refused.map(each => [each.status, each.body.code])).toEqual(refused.map(() => [503, 'recovering']))
    expect(refused[0]?.headers.get('retry-after')).not.toBeNull()
    expect(await target.sandbox.requestsSeen()).toBe(before)
    expect((await paymentNow(target, paid.id)).status).toBe('succeeded')

    const attempt = paid.attempts[0]?.reference ?? ''
    const { orderId, amount } = paid
    const record = { route: 'card_a', reference: attempt, orderId, status: 'refunded', amount }
    const told = await step({
      step: 'records',
      records: [{ ...record, operationReference: `${'a'.repeat(30)}${attempt.slice(-2)}` }],
      covers: SANDBOX_ROUTES,
    })
    expect(told.body).toMatchObject({ joined: { updated: 1 }, waiting: [] })
    const release = async () => (await step({ step: 'release' })).body.recovery?.phase
    await expect.poll(release, { timeout: 20_000, interval: 300 }).toBe('released')
    expect((await pay(target, order)).body.status).toBe('succeeded')
    expect((await operate<ProblemView>(target, paid.id, 'refunds')).body.code).toBe('state_conflict')
  })
})
