import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type components, createClient, type FundrouteClient } from '../../src/client/client.ts'
import { ENDPOINT_DOCS, type EndpointDoc } from '../../src/http/endpoint-docs.ts'
import { startTarget } from './harness.ts'
import { behaving, contextOf, decide, pay } from './payments.ts'
import type { Target } from './target.ts'

let target: Target
let client: FundrouteClient

beforeAll(async () => {
  target = await startTarget()
  client = createClient({ baseUrl: target.url, key: target.secret('checkout') })
})

afterAll(() => target.stop())

const body = (orderId: string): components['schemas']['PaymentContext'] => ({
  orderId,
  amount: { currency: 'CNY', value: 129_900 },
  channel: 'app',
  payer: { id: 'u-client', locale: 'en' },
  funding: { accept: [{ tender: 'card' }] },
})

describe('the typed client', () => {
  it('pays, reads and refunds', async () => {
    const paid = await client.POST('/v1/payments', {
      params: { header: { 'Idempotency-Key': 'client-1' } },
      body: body('client-1'),
    })
    expect(paid.data?.status).toBe('succeeded')
    const id = paid.data?.id ?? ''
    const read = await client.GET('/v1/payments/{id}', { params: { path: { id } } })
    expect(read.data?.orderId).toBe('client-1')
    const refund = await client.POST('/v1/payments/{id}/refunds', {
      params: { path: { id }, header: { 'Idempotency-Key': 'client-1-refund' } },
      body: { amount: { currency: 'CNY', value: 900 } },
    })
    expect(refund.data?.status).toBe('succeeded')
  })

  it('tells refusals as values', async () => {
    const { data, error } = await client.POST('/v1/payments', {
      params: { header: { 'Idempotency-Key': 'client-2' } },
      body: { ...body('client-2'), amount: { currency: 'CNY', value: -1 } },
    })
    expect(data).toBeUndefined()
    expect(error).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/amount/value' }] })
  })
})

interface RequestBody {
  readonly content: { readonly 'application/json': { readonly example?: object } }
}

/** The id of a payer, or of a decision or payment in the state for what a path does. */
async function subjectOf(path: string): Promise<string> {
  if (!path.includes('{id}')) return ''
  if (path.startsWith('/v1/payers/')) return 'u-1'
  const card = contextOf({ funding: { accept: [{ tender: 'card' }] } })
  if (path.startsWith('/v1/decisions/')) return (await decide(target, card)).body.id
  if (path.endsWith('/switch'))
    return (await pay(target, behaving('action_waits', ['wallet'], 'wallet'))).body.id
  const capture = path.endsWith('/refunds') ? 'automatic' : 'manual'
  return (await pay(target, { ...card, capture })).body.id
}

describe('the OpenAPI document', () => {
  it('is served as it was written, so that the client fits', async () => {
    const served = await (await fetch(`${target.url}/openapi.json`)).json()
    const written = readFileSync(join(import.meta.dirname, '../../docs/openapi.json'), 'utf8')
    expect(served).toEqual(JSON.parse(written))
  })

  it('has examples that work as they stand', async () => {
    const document = (await (await fetch(`${target.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { requestBody?: RequestBody }>>
    }
    const told: string[] = []
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { requestBody }] of Object.entries(methods)) {
        const example = requestBody?.content['application/json'].example
        if (example === undefined) continue
        const address = path.replace('{id}', await subjectOf(path)).replace('{bill}', 'bill-1')
        const headers = { 'idempotency-key': `example-${path}` }
        const { status } = await target.api(method.toUpperCase(), address, { body: example, headers })
        told.push(`${path} ${status}`)
      }
    }
    expect(told.filter(each => !/ 20[01]$/.test(each))).toEqual([])
    expect(told).toEqual(
      expect.arrayContaining([
        '/v1/quotes 200',
        '/v1/decisions 200',
        '/v1/decisions/{id}/outcomes 201',
        '/v1/payments 201',
        '/v1/payments/{id}/capture 201',
        '/v1/payments/{id}/cancel 201',
        '/v1/payments/{id}/switch 201',
        '/v1/payments/{id}/refunds 201',
      ]),
    )
  })

  it('describes every endpoint with its own id', () => {
    const ids = Object.values<EndpointDoc>(ENDPOINT_DOCS).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
