import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import { codes, contextOf, decide, pay, type ProblemView } from './payments.ts'
import type { Target } from './target.ts'

interface RouteView {
  readonly id: string
  readonly enabled: boolean
  readonly breaker: { state: string; forced?: { state: string; reason: string; until: string } }
}

let target: Target
beforeAll(async () => {
  target = await startTarget({
    change: config => {
      config.policy.rules.push({ id: 'fixed-order', kind: 'order', routes: ['card_a', 'card_b'] })
      for (const route of config.routes) {
        route.breaker = { volumeMin: 5, errorPercent: 50, windowMs: 10_000, resetMs: 10_000 }
      }
    },
  })
})
afterAll(() => target.stop())
afterEach(async () => {
  await target.sandbox.dial('card_a', { outage: 'none' })
  await force('card_a', 'closed')
  await force('card_a', 'auto')
})

const force = (route: string, state: string, rest: object = {}) =>
  target.admin<{ routes: RouteView[] } & ProblemView>('POST', `/admin/v1/routes/${route}/breaker`, {
    state,
    reason: 'test',
    ...rest,
  })
const viewOf = async (route: string): Promise<RouteView | undefined> =>
  (await target.admin<{ routes: RouteView[] }>('GET', '/admin/v1/routes')).body.routes.find(
    ({ id }) => id === route,
  )

async function reasonsAgainst(route: string): Promise<string[]> {
  const { body } = await decide(target, contextOf())
  return codes(body.candidates.find(candidate => candidate.route === route)?.reasons)
}

describe('an upstream that fails', () => {
  it('is paused after enough failures: the next payment does not try it, and the decision says why', async () => {
    await target.sandbox.dial('card_a', { outage: 'error' })
    for (let i = 0; i < 6; i++) await pay(target, contextOf())
    expect((await viewOf('card_a'))?.breaker.state).toBe('open')
    expect(await reasonsAgainst('card_a')).toEqual(['TECH_ROUTE_UNSTABLE'])
    const { body } = await pay(target, contextOf())
    expect(body).toMatchObject({ status: 'succeeded', route: 'card_b' })
    // The upstream's own count would count what the resolver sends again for the payments above.
    expect(body.attempts).toHaveLength(1)
    const metrics = await target.admin('GET', '/metrics')
    expect(metrics.text).toMatch(/fundroute_breaker_state\{[^}]*route="card_a"[^}]*\} 2/)
  })

  it('is not paused for refusals: a declined payment is an answer', async () => {
    for (let i = 0; i < 8; i++)
      await pay(target, contextOf({ metadata: { sandbox_card_a: 'limit_exceeded' } }))
    expect((await viewOf('card_a'))?.breaker.state).toBe('closed')
    expect(await reasonsAgainst('card_a')).toEqual([])
  })
})

describe('an operator', () => {
  it('opens a breaker with a reason and an expiry: the route is left out at once', async () => {
    const { status } = await force('card_a', 'open', { reason: 'settlement file missing', seconds: 60 })
    expect(status).toBe(200)
    const view = await viewOf('card_a')
    expect(view?.breaker.forced).toMatchObject({ state: 'open', reason: 'settlement file missing' })
    const leftMs = Date.parse(view?.breaker.forced?.until ?? '') - Date.now()
    expect(leftMs).toBeGreaterThan(50_000)
    expect(leftMs).toBeLessThanOrEqual(60_000)
    const { body } = await pay(target, contextOf())
    expect(body.attempts?.map(({ route }) => route)).toEqual(['card_b'])
  })

  it('lets it go again by itself when the time is over', async () => {
    await force('card_a', 'open', { seconds: 1 })
    expect(await reasonsAgainst('card_a')).toEqual(['TECH_ROUTE_UNSTABLE'])
    await expect.poll(() => reasonsAgainst('card_a'), { timeout: 5_000 }).toEqual([])
  })

  it('keeps a failing route in use when they know better', async () => {
    await force('card_a', 'closed', { reason: 'upstream says it is fine' })
    await target.sandbox.dial('card_a', { outage: 'error' })
    for (let i = 0; i < 7; i++) await pay(target, contextOf())
    expect(await reasonsAgainst('card_a')).toEqual([])
  })

  it.each([
    ['an unknown route', 'nobody', { state: 'open' }, 404],
    ['an unknown state', 'card_a', { state: 'ajar' }, 400],
    ['no reason', 'card_a', { state: 'open', reason: undefined }, 400],
    ['no time at all', 'card_a', { state: 'open', seconds: 0 }, 400],
    ['an unknown field', 'card_a', { state: 'open', force: true }, 400],
  ])('is refused with %s, and nothing changes', async (_name, route, body, status) => {
    expect((await force(route, body.state, body)).status).toBe(status)
    expect((await viewOf('card_a'))?.breaker.state).toBe('closed')
  })
})
