import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { breaksOff, isSilent, json, refuses, talksGarbage } from './legacy-upstream.ts'
import { orderOf, type Proxied, startProxied, TOKEN_A, until } from './proxied.ts'

let proxied: Proxied
beforeAll(async () => {
  proxied = await startProxied((_, config) => {
    config.server = { bodyBytesMax: 65_536 }
  })
})
afterAll(() => proxied.stop())
beforeEach(() => {
  proxied.a.reset()
  proxied.b.reset()
})

const MEGABYTE = 1_048_576

/** What `plain`, which is passed through, and the follow-ups of `legacy` have in common. */
describe.each([
  ['a checkout that is passed through', '/proxy/plain'],
  ['what follows a payment', '/proxy/legacy'],
])('%s', (_, base) => {
  it('keeps path, query and status, and says which route has answered', async () => {
    proxied.a.behaviour = (__, response) => json(response, 418, { short: true })
    const reply = await proxied.call('GET', `${base}/a%20b//c/?x=1&x=2&y=%2F`)
    expect([reply.status, reply.body]).toEqual([418, { short: true }])
    expect(reply.headers.get('fundroute-route')).toBe('card_a')
    expect(reply.headers.get('x-request-id')).toMatch(/^[\w.-]{8,64}$/)
    expect(proxied.a.received[0]?.url).toBe('/a%20b//c/?x=1&x=2&y=%2F')
  })

  it('passes the usual headers on, its credentials instead of ours, and nothing else', async () => {
    await proxied.call('GET', `${base}/x`, {
      headers: {
        accept: 'text/plain',
        'user-agent': 'old-checkout/1',
        'x-request-id': 'request-0001',
        cookie: 'session=1',
        'x-api-key': 'ours',
        'x-forwarded-for': '10.0.0.1',
        forwarded: 'for=10.0.0.1',
      },
    })
    const { headers } = proxied.a.received[0] as { headers: Record<string, string> }
    expect(headers).toMatchObject({
      accept: 'text/plain',
      'user-agent': 'old-checkout/1',
      'x-request-id': 'request-0001',
      authorization: `Bearer ${TOKEN_A}`,
      host: new URL(proxied.a.url).host,
    })
    for (const name of ['cookie', 'x-api-key', 'x-forwarded-for', 'forwarded']) {
      expect(headers[name]).toBeUndefined()
    }
  })

  it('passes the usual headers back, and no cookies', async () => {
    proxied.a.behaviour = (__, response) => {
      response
        .writeHead(200, { etag: '"1"', 'set-cookie': 'a=1', server: 'old/1', 'x-secret': '1' })
        .end('ok')
    }
    const { headers } = await proxied.call('GET', `${base}/x`)
    expect(headers.get('etag')).toBe('"1"')
    for (const name of ['set-cookie', 'server', 'x-secret']) expect(headers.get(name)).toBeNull()
  })

  it.each([
    [301, 'http://elsewhere.example/x'],
    [307, '/somewhere'],
  ])('passes a redirect %s back, and follows it nowhere', async (status, location) => {
    proxied.a.behaviour = (__, response) => void response.writeHead(status, { location }).end()
    const reply = await proxied.call('GET', `${base}/x`)
    expect([reply.status, reply.headers.get('location')]).toEqual([status, location])
    expect(proxied.a.received).toHaveLength(1)
  })

  it('passes 204 and 304 without a body', async () => {
    for (const status of [204, 304]) {
      proxied.a.behaviour = (__, response) => void response.writeHead(status, { etag: '"2"' }).end()
      const reply = await proxied.call('GET', `${base}/x`)
      expect([reply.status, reply.text, reply.headers.get('etag')]).toEqual([status, '', '"2"'])
    }
  })

  it('passes HEAD as HEAD', async () => {
    proxied.a.behaviour = (__, response) => {
      response.writeHead(200, { 'content-length': '5', 'content-type': 'text/plain' }).end()
    }
    const reply = await proxied.call('HEAD', `${base}/x`)
    expect([reply.status, reply.text]).toEqual([200, ''])
    expect(proxied.a.received[0]?.method).toBe('HEAD')
    expect(reply.headers.get('content-type')).toBe('text/plain')
  })

  it('passes gzip as it is', async () => {
    const text = 'compressed '.repeat(1_000)
    proxied.a.behaviour = (received, response) => {
      const encoding = String(received.headers['accept-encoding']).includes('gzip') ? 'gzip' : 'identity'
      const body = encoding === 'gzip' ? gzipSync(text) : text
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': encoding }).end(body)
    }
    const reply = await proxied.call('GET', `${base}/x`, { headers: { 'accept-encoding': 'gzip' } })
    expect(reply.text).toBe(text)
  })

  it('passes a large answer', async () => {
    const large = Buffer.alloc(20 * MEGABYTE, 'x')
    proxied.a.behaviour = (__, response) => void response.end(large)
    const reply = await proxied.call('GET', `${base}/x`)
    expect(reply.text.length).toBe(20 * MEGABYTE)
  })

  it('passes a slow answer as it comes', async () => {
    proxied.a.behaviour = (__, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      let sent = 0
      const timer = setInterval(() => {
        response.write(`data: ${sent}\n\n`)
        if (++sent < 7) return
        clearInterval(timer)
        response.end()
      }, 250)
    }
    const response = await fetch(`${proxied.target.url}${base}/x`, {
      headers: { authorization: `Bearer ${proxied.target.secret('checkout')}` },
    })
    const arrivals: number[] = []
    for await (const _chunk of response.body as AsyncIterable<Uint8Array>) arrivals.push(performance.now())
    // Longer than the upstream's timeout altogether, and not in one piece at the end.
    expect(arrivals.length).toBeGreaterThan(2)
    expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(600)
  })

  it.each([
    ['is silent', isSilent, 504, 'upstream_timeout'],
    ['breaks off', breaksOff, 502, 'upstream_failed'],
    ['talks garbage', talksGarbage, 502, 'upstream_failed'],
  ])('says so when the upstream %s, and asks nobody else', async (__, behaviour, status, code) => {
    proxied.a.behaviour = behaviour
    const reply = await proxied.call('POST', `${base}/pay`, { body: orderOf() })
    expect([reply.status, reply.body.code]).toEqual([status, code])
    expect(reply.headers.get('content-type')).toBe('application/problem+json')
    expect(proxied.a.received).toHaveLength(1)
    expect(proxied.b.received).toEqual([])
  })

  it('breaks off where the upstream does, so that half an answer is not taken for a whole', async () => {
    proxied.a.behaviour = (__, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('half')
      setTimeout(() => response.destroy(), 50)
    }
    await expect(proxied.call('GET', `${base}/x`)).rejects.toThrow()
  })
})

describe('a checkout without order and outcome', () => {
  it('is passed through to its first route, whatever that answers', async () => {
    proxied.a.behaviour = refuses('51')
    const reply = await proxied.call('POST', '/proxy/plain/pay', { body: orderOf() })
    expect([reply.status, reply.headers.get('fundroute-payment')]).toEqual([402, null])
    expect(proxied.b.received).toEqual([])
  })

  it('streams a body that is larger than what the API takes', async () => {
    const large = Buffer.alloc(3 * MEGABYTE, 'y')
    const reply = await proxied.call('POST', '/proxy/plain/upload', {
      raw: large,
      headers: { 'content-type': 'application/octet-stream' },
    })
    expect(reply.status).toBe(200)
    expect(proxied.a.received[0]?.body.equals(large)).toBe(true)
  })

  it('streams a body whose length nobody knows, as slowly as it comes', async () => {
    const chunks = ['one ', 'two ', 'three']
    const slow = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise(resolve => setTimeout(resolve, 450))
        const next = chunks.shift()
        if (next === undefined) controller.close()
        else controller.enqueue(new TextEncoder().encode(next))
      },
    })
    const reply = await proxied.call('POST', '/proxy/plain/upload', { raw: slow })
    expect(reply.status).toBe(200)
    expect(proxied.a.received[0]?.body.toString()).toBe('one two three')
  })

  it('passes a compressed body as it is', async () => {
    await proxied.call('POST', '/proxy/plain/x', {
      raw: gzipSync('{"a":1}'),
      headers: { 'content-encoding': 'gzip' },
    })
    expect(gunzipSync(proxied.a.received[0]?.body ?? '').toString()).toBe('{"a":1}')
    expect(proxied.a.received[0]?.headers['content-encoding']).toBe('gzip')
  })

  it('finishes a call that may move money though the client has gone', async () => {
    let finished: boolean | undefined
    proxied.a.behaviour = (__, response) => {
      response.once('close', () => {
        finished = response.writableFinished
      })
      setTimeout(() => response.end('done'), 200)
    }
    const leaving = new AbortController()
    const gone = proxied
      .call('POST', '/proxy/plain/pay', { body: orderOf(), signal: leaving.signal })
      .catch((error: Error) => error.name)
    await until(() => proxied.a.received.length === 1)
    leaving.abort()
    expect(await gone).toBe('AbortError')
    await until(() => finished !== undefined)
    expect(finished).toBe(true)
  })
})
