import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import { behaving, contextOf, decide, inFixedOrder, pay } from './payments.ts'
import type { Target } from './target.ts'

/** Headers of the requests that reached the upstream of card_a. */
const seen: Record<string, string | string[] | undefined>[] = []
const upstream = createServer((request, response) => {
  seen.push(request.headers)
  let body = ''
  request.on('data', chunk => {
    body += chunk
  })
  request.on('end', () => {
    const { reference, amount } = JSON.parse(body) as { reference: string; amount: object }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ status: 'approved', reference, amount }))
  })
})

let target: Target
beforeAll(async () => {
  await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve))
  const { port } = upstream.address() as AddressInfo
  target = await startTarget({
    change: config => {
      inFixedOrder(config)
      const route = config.routes.find(({ id }) => id === 'card_a')
      if (route !== undefined) route.connector.baseUrl = `http://127.0.0.1:${port}`
    },
  })
})
afterAll(async () => {
  await target.stop()
  upstream.close()
  upstream.closeAllConnections()
})

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

describe('what ties the logs of several systems together', () => {
  it('goes on to the upstream: the caller’s request id and trace', async () => {
    const headers = { 'x-request-id': 'checkout-0815', traceparent: TRACEPARENT }
    const answer = await pay(target, contextOf(), { headers })
    expect(answer.body.route).toBe('card_a')
    expect(answer.headers.get('x-request-id')).toBe('checkout-0815')
    expect(seen.at(-1)).toMatchObject({ 'x-request-id': 'checkout-0815', traceparent: TRACEPARENT })
  })

  it('is made up when the caller sends none, and no trace is invented', async () => {
    const { headers } = await pay(target, contextOf())
    expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{24}$/)
    expect(seen.at(-1)?.['x-request-id']).toBe(headers.get('x-request-id'))
    expect(seen.at(-1)).not.toHaveProperty('traceparent')
  })

  it.each([
    ['too short', 'abc'],
    ['too long', 'x'.repeat(65)],
    ['with other characters', 'id with blanks'],
  ])('is not taken from a request id that is %s', async (_name, id) => {
    const { headers } = await decide(target, contextOf(), { headers: { 'x-request-id': id } })
    expect(headers.get('x-request-id')).toMatch(/^req_/)
  })

  it.each(['nonsense', `${TRACEPARENT}-more`, TRACEPARENT.toUpperCase()])(
    'is not passed on from a trace that is malformed: %s',
    async traceparent => {
      await pay(target, contextOf(), { headers: { traceparent } })
      expect(seen.at(-1)).not.toHaveProperty('traceparent')
    },
  )

  it('is in every answer, also where something was refused', async () => {
    for (const key of ['checkout', null] as const) {
      const { status, headers } = await target.api('POST', '/v1/payments', { key, raw: '{' })
      expect(status).toBeGreaterThanOrEqual(400)
      expect(headers.get('x-request-id')).toMatch(/^req_/)
    }
  })

  it('holds no credential of the caller', async () => {
    await pay(target, contextOf(), { headers: { cookie: 'session=1', 'x-forwarded-for': '203.0.113.9' } })
    const sent = JSON.stringify(seen.at(-1))
    expect(sent).not.toContain(target.secret('checkout'))
    expect(sent).not.toMatch(/session=1|203\.0\.113\.9/)
  })
})

describe('Server-Timing', () => {
  const stepsOf = (headers: Headers): string[] =>
    (headers.get('server-timing') ?? '')
      .split(',')
      .map(metric => metric.trim().replace(/;dur=[\d.]+$/, '; dur'))

  it('tells a decision’s steps', async () => {
    const { headers } = await decide(target, contextOf())
    expect(stepsOf(headers)).toEqual(['elig; dur', 'score; dur', 'total; dur'])
  })

  it('tells a payment’s attempts, one by one', async () => {
    const { headers, body } = await pay(target, behaving('approved', ['wallet']))
    expect(body.attempts).toHaveLength(1)
    expect(stepsOf(headers)).toEqual(['attempt-1; dur', 'total; dur'])
  })

  it('tells those without a key nothing', async () => {
    for (const path of ['/v1/decisions', '/v1/nothing']) {
      const { headers } = await target.api('POST', path, { key: null, body: contextOf() })
      expect(headers.get('server-timing')).toBeNull()
    }
  })
})
