import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import type { ConfigInput } from '../../../src/config/schema.ts'
import { resolveSecrets } from '../../../src/config/secrets.ts'
import { breakerSettings, HttpOutside } from '../../../src/entry/outside.ts'
import { buildGeneration } from '../../../src/entry/runtime.ts'
import type { PayRequest } from '../../../src/ports/connector.ts'
import { answered, FakeHttpClient } from '../../support/fake-http-client.ts'
import { sampleConfig } from '../../support/sample-config.ts'

/** What the configuration makes of routes and keys, with a client that only keeps what it is asked. */
const NOW = 1_800_000_000_000
const TOKEN = 't'.repeat(40)
const HOOK = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
const ENV = { DEMO_API_KEY: 'k'.repeat(40), OTHER_KEY: 'o'.repeat(40), CARD_TOKEN: TOKEN, CARD_HOOK: HOOK }
const REFERENCE = '0'.repeat(32)
const amount = { currency: 'CNY', value: 1_000 }
const request: PayRequest = {
  reference: REFERENCE,
  orderId: 'o-1',
  amount,
  capture: 'automatic',
  payer: 'u-1',
  expiresAt: NOW + 1_000,
}

function generation(change: (input: ConfigInput) => void = () => {}) {
  const config = sampleConfig(change)
  const resolved = resolveSecrets(config, ENV)
  if (!resolved.ok) throw new Error(resolved.problems.join('\n'))
  const clients: { client: FakeHttpClient; connectionsMax: number }[] = []
  const outside = new HttpOutside(new ManualClock(NOW), connectionsMax => {
    const client = new FakeHttpClient()
    clients.push({ client, connectionsMax })
    return client
  })
  return { built: buildGeneration(config, 'v1', resolved.secrets, outside), config, clients }
}

type RouteInput = ConfigInput['routes'][number]

/** The connector of card_a after a change of its configuration, and its client. */
function cardRoute(change: (route: RouteInput) => void) {
  const made = generation(input => change(input.routes[1] as RouteInput))
  const route = made.built.runtime.routes.get('card_a')
  if (route === undefined) throw new Error('no card_a')
  // Clients are made in the order of the routes: credit_a has two, one of them for its facts.
  const { client, connectionsMax } = made.clients[2] as (typeof made.clients)[number]
  const pay = async (body: object) => {
    client.next = answered(200, body)
    const result = await route.connector.pay(request, { timeoutMs: route.route.timeoutMs })
    return { result, sent: client.requests.at(-1) }
  }
  return { route, connectionsMax, pay }
}

const approved = { status: 'approved', reference: REFERENCE, amount }
const connectorOf = (route: RouteInput) => route.connector as Record<string, unknown>

describe('the connector of a route', () => {
  // config-key: routes.connector.type=http, routes.connector.baseUrl, routes.connector.timeoutMs
  it('asks the address that is configured, within the timeout that is configured', async () => {
    const { pay } = cardRoute(route =>
      Object.assign(route.connector, { baseUrl: 'http://10.0.0.9/api', timeoutMs: 777 }),
    )
    const { sent, result } = await pay(approved)
    expect(sent).toMatchObject({ url: 'http://10.0.0.9/api/payments', timeoutMs: 777 })
    expect(result.kind).toBe('approved')
  })

  // config-key: routes.connector.minRemainingMs
  it('needs as much of the time of a payment as is configured', () => {
    const { route } = cardRoute(each => Object.assign(each.connector, { minRemainingMs: 777 }))
    expect(route.route.minRemainingMs).toBe(777)
  })

  // config-key: routes.connector.connectionsMax
  it('opens as many connections as are configured', () => {
    expect(cardRoute(route => Object.assign(route.connector, { connectionsMax: 7 })).connectionsMax).toBe(7)
  })

  // config-key: routes.connector.tokenEnv
  it('shows the token that the environment holds', async () => {
    const { pay } = cardRoute(route => Object.assign(route.connector, { tokenEnv: 'CARD_TOKEN' }))
    expect((await pay(approved)).sent?.headers['authorization']).toBe(`Bearer ${TOKEN}`)
  })

  // config-key: routes.connector.mapping.request
  it('sends fields where the upstream wants them', async () => {
    const mapping = { request: { orderId: '/order/no' } }
    const { pay } = cardRoute(route => Object.assign(connectorOf(route), { mapping }))
    const { sent } = await pay(approved)
    const body = typeof sent?.body === 'string' ? sent.body : new TextDecoder().decode(sent?.body)
    expect(JSON.parse(body)).toMatchObject({ order: { no: 'o-1' } })
  })

  // config-key: routes.connector.mapping.response, routes.connector.mapping.statuses
  it('reads fields and statuses as the upstream gives them', async () => {
    const mapping = { response: { status: '/result/state' }, statuses: { PAID: 'approved' } }
    const { pay } = cardRoute(route => Object.assign(connectorOf(route), { mapping }))
    expect((await pay({ result: { state: 'PAID' }, reference: REFERENCE, amount })).result.kind).toBe(
      'approved',
    )
    expect((await pay(approved)).result.kind).toBe('unknown')
  })

  // config-key: routes.connector.mapping.declineCodes
  it('classes decline codes by the table of the route', async () => {
    const mapping = { declineCodes: { '51': 'insufficient_funds' } }
    const { pay } = cardRoute(route => Object.assign(connectorOf(route), { mapping }))
    const declined = { status: 'declined', reference: REFERENCE, declineCode: '51' }
    expect((await pay(declined)).result).toMatchObject({ category: 'insufficient_funds' })
  })

  // config-key: routes.connector.notificationSecretEnvs
  it('believes notifications that are signed with the secret that is configured, and takes none without one', async () => {
    expect(cardRoute(() => {}).route.notifications).toBeUndefined()
    const { route } = cardRoute(input =>
      Object.assign(input.connector, { notificationSecretEnvs: ['CARD_HOOK'] }),
    )
    const body = JSON.stringify({ type: 'payment.updated', data: approved })
    const headers = {
      'webhook-id': 'e1',
      'webhook-timestamp': String(NOW / 1_000),
      'webhook-signature': new Webhook(HOOK).sign('e1', new Date(NOW), body),
    }
    const read = await route.notifications?.read(headers, new TextEncoder().encode(body), NOW)
    expect(read?.kind).toBe('claim')
  })
})

describe('what a route promises', () => {
  const PROMISES = {
    idempotency: { mode: 'key', retentionHours: 7, replaysErrors: true },
    queryable: false,
    cancel: ['close'],
    settleWindowMs: 12_345,
    honoursExpiry: true,
    cancelTombstones: true,
  } as const

  // config-key: routes.capability.idempotency.mode, routes.capability.idempotency.retentionHours
  // config-key: routes.capability.idempotency.replaysErrors, routes.capability.queryable, routes.capability.cancel
  // config-key: routes.capability.settleWindowMs, routes.capability.honoursExpiry
  // config-key: routes.capability.cancelTombstones
  it('is what the resolver goes by, promise by promise', () => {
    const { route } = cardRoute(input => Object.assign(input.capability, PROMISES))
    expect(route.route.capability).toMatchObject(PROMISES)
  })
})

describe('facts about payers', () => {
  const factsOf = (change: object) => {
    const { built, clients } = generation(input => Object.assign(input.routes[0]?.eligibility ?? {}, change))
    return { facts: built.runtime.routes.get('credit_a')?.facts, client: clients[1]?.client }
  }

  // config-key: routes.eligibility.type, routes.eligibility.url, routes.eligibility.tokenEnv
  it('are asked at the address and with the token that are configured', async () => {
    const { facts, client } = factsOf({ url: 'http://10.0.0.8/facts', tokenEnv: 'CARD_TOKEN' })
    await facts?.provider.facts('u-1', 'CNY', { timeoutMs: 100 })
    expect(client?.requests[0]?.url).toMatch(/^http:\/\/10\.0\.0\.8\/facts\?/)
    expect(client?.requests[0]?.headers['authorization']).toBe(`Bearer ${TOKEN}`)
  })

  // config-key: routes.eligibility.timeoutMs, routes.eligibility.freshSeconds, routes.eligibility.staleSeconds
  // config-key: routes.eligibility.negativeSeconds
  it('are waited for and kept as long as is configured', () => {
    const times = { timeoutMs: 111, freshSeconds: 22, staleSeconds: 333, negativeSeconds: 4 }
    expect(factsOf(times).facts).toMatchObject(times)
  })
})

describe('the breaker of a route', () => {
  // config-key: routes.breaker.volumeMin, routes.breaker.errorPercent, routes.breaker.windowMs, routes.breaker.resetMs
  it('opens and probes by its own settings', () => {
    const { config } = generation(input => {
      Object.assign(input.routes[1] as object, {
        breaker: { volumeMin: 3, errorPercent: 40, windowMs: 9_000, resetMs: 19_000 },
      })
    })
    expect(breakerSettings(config, 'card_a')).toMatchObject({
      volumeThreshold: 3,
      errorThresholdPercentage: 40,
      windowMs: 9_000,
      resetMs: 19_000,
    })
  })
})

describe('tenants and their keys', () => {
  // config-key: tenants.id, tenants.apiKeys.id, tenants.apiKeys.secretEnv, tenants.apiKeys.scopes
  it('are told apart by the secret alone, each with its own scopes', () => {
    const { built } = generation(input => {
      input.tenants.push({
        id: 'second',
        apiKeys: [{ id: 'other', secretEnv: 'OTHER_KEY', scopes: ['read'] }],
      })
    })
    expect(built.keys.authenticate(`Bearer ${ENV.OTHER_KEY}`)).toEqual({
      tenant: 'second',
      keyId: 'other',
      scopes: new Set(['read']),
    })
    expect(built.keys.authenticate(`Bearer ${ENV.DEMO_API_KEY}`)?.tenant).toBe('demo')
    expect(built.keys.authenticate('Bearer nobody')).toBeUndefined()
  })
})

describe('a route', () => {
  // config-key: routes.id, routes.pool, routes.lender
  it('has its id, its pool and its lender', () => {
    const { built } = generation(input =>
      Object.assign(input.routes[0] as object, { lender: 'A Lender Ltd.' }),
    )
    expect(built.runtime.routes.get('credit_a')?.route).toMatchObject({
      id: 'credit_a',
      pool: 'main',
      lender: 'A Lender Ltd.',
    })
  })
})
