import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, exchange } from './exchange.ts'
import { startTarget } from './harness.ts'
import { contextOf, operate, pay, type ProblemView } from './payments.ts'
import type { Target } from './target.ts'

const TOKENS = { ann: `operator_ann_${'a'.repeat(30)}`, bob: `operator_bob_${'b'.repeat(30)}` }

interface Found {
  readonly payments: readonly { readonly id: string; readonly waitsFor: string; readonly manual?: string }[]
  readonly more: boolean
}
interface Shown {
  readonly waitsFor: string
  readonly manual?: string
  readonly status: string
  readonly attempts: readonly { readonly reference: string; readonly providerReference?: string }[]
  readonly history: readonly { readonly version: number; readonly hash: string; readonly trail: object }[]
  readonly intervention?: { readonly proposal: string; readonly decidedBy?: string }
}

let target: Target
beforeAll(async () => {
  target = await startTarget({
    change: config => {
      const operators = [
        { id: 'ann', tokenEnv: 'TOKEN_ANN' },
        { id: 'bob', tokenEnv: 'TOKEN_BOB' },
      ]
      Object.assign(config, { server: { ...(config['server'] as object), operators } })
    },
    env: { TOKEN_ANN: TOKENS.ann, TOKEN_BOB: TOKENS.bob },
  })
})
afterAll(() => target.stop())

function as<T = Shown & ProblemView>(
  operator: keyof typeof TOKENS,
  method: string,
  path: string,
  body?: object,
): Promise<Answer<T>> {
  const headers = { authorization: `Bearer ${TOKENS[operator]}`, 'content-type': 'application/json' }
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  return exchange(`${target.adminUrl}/admin/v1/payments${path}`, { method, headers, ...content })
}

const found = async (query: string) => (await target.admin<Found>('GET', `/admin/v1/payments?${query}`)).body
const shown = async (id: string) => (await target.admin<Shown>('GET', `/admin/v1/payments/${id}`)).body
const ids = ({ payments }: Found) => payments.map(({ id }) => id)

/** A payment whose upstream has answered with another amount, and then told the truth when it was asked. */
async function alarmed(): Promise<string> {
  const { body } = await pay(target, contextOf({ metadata: { sandbox: 'wrong_amount' } }))
  await expect
    .poll(async () => (await shown(body.id)).status, { timeout: 15_000, interval: 100 })
    .toBe('succeeded')
  return body.id
}

const RESOLUTION = { resolution: { kind: 'acknowledged' }, reason: 'the bank confirms the right amount' }

describe('operators looking for payments', () => {
  it('find them by order, by our reference and by the upstream’s', async () => {
    const context = contextOf()
    const { body } = await pay(target, context)
    const { attempts } = await shown(body.id)
    const [attempt] = attempts
    expect(attempt?.providerReference).toBeDefined()
    expect(ids(await found(`orderId=${context.orderId}`))).toEqual([body.id])
    expect(ids(await found(`reference=${attempt?.reference}`))).toEqual([body.id])
    const named = `providerReference=${encodeURIComponent(attempt?.providerReference ?? '')}`
    expect(ids(await found(named))).toContain(body.id)
    expect(ids(await found('reference=none'))).toEqual([])
  })

  it('find one by the reference of its refund', async () => {
    const { body } = await pay(target, contextOf())
    await operate(target, body.id, 'refunds', { amount: { currency: 'CNY', value: 5 } })
    const last = (await shown(body.id)).history.at(-1)
    const { operations } = (last?.trail ?? { operations: [] }) as { operations: { reference: string }[] }
    expect(ids(await found(`reference=${operations[0]?.reference}`))).toEqual([body.id])
  })

  it('see what waits for a person apart from what the gateway is still finding out', async () => {
    const manual = await alarmed()
    const { body } = await pay(target, contextOf({ metadata: { sandbox: 'action_approved' } }))
    const open = { manual: await found('status=manual'), pending: await found('status=pending') }
    expect(open.manual.payments.find(({ id }) => id === manual)).toMatchObject({
      waitsFor: 'person',
      manual: 'answer_mismatch',
    })
    expect(ids(open.manual)).not.toContain(body.id)
    expect(ids(open.pending)).toContain(body.id)
    expect(ids(open.pending)).not.toContain(manual)
  })

  it.each([
    ['', ''],
    ['orderId=a&reference=b', ''],
    ['status=open', '/status'],
    ['orderId=a&limit=0', '/limit'],
    ['orderId=a&limit=1000', '/limit'],
    ['orderId=a&colour=red', '/colour'],
  ])('are told what is wrong with the search %j', async (query, pointer) => {
    const { status, body } = await target.admin<ProblemView>('GET', `/admin/v1/payments?${query}`)
    expect([status, body.errors?.[0]?.pointer]).toEqual([400, pointer])
    if (pointer === '') expect(body.errors?.[0]?.message).toMatch(/^must name one of orderId, reference/)
  })

  it('see every write of a payment, chained by hash, and nothing about the payer', async () => {
    const { body } = await pay(target, contextOf({ payer: { id: 'u-nobody-may-read-this' } }))
    const { status, body: whole, text } = await target.admin<Shown>('GET', `/admin/v1/payments/${body.id}`)
    expect(status).toBe(200)
    expect(whole.history.map(({ version }) => version)).toEqual(whole.history.map((_, i) => i + 1))
    expect(new Set(whole.history.map(({ hash }) => hash)).size).toBe(whole.history.length)
    expect(text).not.toContain('u-nobody')
    expect((await target.admin('GET', '/admin/v1/payments/pay_none')).status).toBe(404)
  })
})

// config-key: server.operators.id, server.operators.tokenEnv
describe('a payment that waits for a person', () => {
  it('is settled by two people who are known by name, and the audit tells them apart', async () => {
    const id = await alarmed()
    const proposed = await as('ann', 'POST', `/${id}/proposals`, RESOLUTION)
    expect(proposed.status).toBe(201)
    expect(proposed.body.intervention).toMatchObject({ proposedBy: 'ann', status: 'proposed' })
    const proposal = proposed.body.intervention?.proposal
    const alone = await as('ann', 'POST', `/${id}/proposals/confirm`, { proposal })
    expect([alone.status, alone.body.code]).toEqual([403, 'second_operator_required'])
    expect(ids(await found('status=manual'))).toContain(id)
    const confirmed = await as('bob', 'POST', `/${id}/proposals/confirm`, { proposal })
    expect(confirmed.body).toMatchObject({ waitsFor: 'nobody', intervention: { decidedBy: 'bob' } })
    expect(ids(await found('status=manual'))).not.toContain(id)
    const trail = JSON.stringify((await shown(id)).history)
    expect(trail).toContain('"proposedBy":"ann"')
    expect(trail).toContain('"decidedBy":"bob"')
    const again = await as('bob', 'POST', `/${id}/proposals/confirm`, { proposal })
    expect([again.status, again.body.code]).toEqual([409, 'proposal_stale'])
  })

  it('is not for those without a name, whatever else they may do', async () => {
    const id = await alarmed()
    const path = `/admin/v1/payments/${id}/proposals`
    const nameless = await target.admin<ProblemView>('POST', path, RESOLUTION)
    expect([nameless.status, nameless.body.code]).toEqual([403, 'operator_required'])
    const key = { authorization: `Bearer ${target.secret('checkout')}`, 'content-type': 'application/json' }
    const body = JSON.stringify(RESOLUTION)
    const stranger = await exchange(`${target.adminUrl}${path}`, { method: 'POST', headers: key, body })
    expect([401, 403, 404]).toContain(stranger.status)
    expect((await shown(id)).intervention).toBeUndefined()
  })

  it('has one proposal at a time, which anybody with a name may withdraw', async () => {
    const id = await alarmed()
    const first = await as('ann', 'POST', `/${id}/proposals`, RESOLUTION)
    const second = await as('bob', 'POST', `/${id}/proposals`, RESOLUTION)
    expect([second.status, second.body.code]).toEqual([409, 'proposal_open'])
    const { proposal } = first.body.intervention ?? {}
    expect((await as('bob', 'POST', `/${id}/proposals/withdraw`, { proposal })).status).toBe(200)
    expect((await as('bob', 'POST', `/${id}/proposals`, RESOLUTION)).status).toBe(201)
  })

  it.each([
    [{ ...RESOLUTION, resolution: { kind: 'vanished' } }, '/resolution/kind'],
    [{ ...RESOLUTION, reason: 'so' }, '/reason'],
    [{ ...RESOLUTION, resolution: { kind: 'no_money', reference: 'f'.repeat(32) } }, '/resolution'],
    [{ ...RESOLUTION, by: 'ann' }, '/by'],
  ])('takes no proposal that is not in order: %j', async (body, pointer) => {
    const { body: context } = await pay(target, contextOf())
    const { status, body: problem } = await as('ann', 'POST', `/${context.id}/proposals`, body)
    expect([status, problem.errors?.[0]?.pointer]).toEqual([400, pointer])
  })
})
