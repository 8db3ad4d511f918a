import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { FetchClient } from '../../../src/adapters/http-client/fetch.ts'
import { UndiciClient } from '../../../src/adapters/http-client/undici.ts'
import type { HttpAnswer, HttpClient, HttpRequest, HttpResult } from '../../../src/ports/http-client.ts'
import { http, type RawScript, type RawServer, startRawServer, unusedPort } from '../../support/raw-server.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(each => each.close()))
})

async function server(script: RawScript): Promise<RawServer> {
  const started = await startRawServer(script)
  open.push(started)
  return started
}

function post(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'POST',
    url: `${url}/payments`,
    headers: { 'content-type': 'application/json' },
    body: '{"reference":"r1"}',
    timeoutMs: 400,
    ...more,
  }
}

function textOf(result: HttpResult): string {
  return new TextDecoder().decode((result as HttpAnswer).body)
}

const clients: [string, (lateMs?: number) => HttpClient][] = [
  ['undici', lateMs => new UndiciClient({ connectTimeoutMs: 300, lateMs: lateMs ?? 1_000 })],
  ['fetch', lateMs => new FetchClient({ lateMs: lateMs ?? 1_000 })],
]

describe.each(clients)('the HTTP client on %s', (name, make) => {
  const client = (lateMs?: number): HttpClient => {
    const made = make(lateMs)
    open.unshift(made)
    return made
  }
  const unsent = name === 'undici' ? 'not_sent' : 'unknown'

  it('sends method, path, headers and body as given and hands back status, headers and body', async () => {
    const upstream = await server(socket => socket.write(http(201, '{"ok":"是"}', 'x-one: 1\r\n')))
    const result = await client().request(
      post(upstream.url, { headers: { authorization: 'Bearer t', 'idempotency-key': 'r1' } }),
    )
    expect(result).toMatchObject({ kind: 'answer', status: 201, headers: { 'x-one': '1' } })
    expect(textOf(result)).toBe('{"ok":"是"}')
    expect(upstream.requests[0]).toMatch(/^POST \/payments HTTP\/1\.1\r\n/)
    expect(upstream.requests[0]).toMatch(/\r\nauthorization: Bearer t\r\n/i)
    expect(upstream.requests[0]).toMatch(/\r\nidempotency-key: r1\r\n/i)
    expect(upstream.requests[0]).toMatch(/\r\n\r\n{"reference":"r1"}$/)
  })

  it.each([200, 204, 400, 404, 429, 500, 503])('tells status %s as an answer', async status => {
    const upstream = await server(socket =>
      socket.write(status === 204 ? 'HTTP/1.1 204 X\r\n\r\n' : http(status, '{}')),
    )
    expect(await client().request(post(upstream.url))).toMatchObject({ kind: 'answer', status })
  })

  it(`connection refused is ${unsent}`, async () => {
    const result = await client().request(post(`http://127.0.0.1:${await unusedPort()}`))
    expect(result.kind).toBe(unsent)
  })

  it(`a name that does not resolve is ${unsent}`, async () => {
    const result = await client().request(post('http://no-such-host.invalid', { timeoutMs: 5_000 }))
    expect(result.kind).toBe(unsent)
  })

  it(`a peer that does not speak TLS is ${unsent}`, async () => {
    const plain = await server(() => {})
    const result = await client().request(post(plain.url.replace('http:', 'https:'), { timeoutMs: 300 }))
    expect(result.kind).toBe(unsent)
    expect(plain.requests).toEqual([])
  })

  it('a reset after the request was read is unknown', async () => {
    const upstream = await server(socket => socket.resetAndDestroy())
    expect(await client().request(post(upstream.url))).toEqual({ kind: 'unknown', cause: 'connection' })
    expect(upstream.requests).toHaveLength(1)
  })

  it('the end of the connection before an answer is unknown', async () => {
    const upstream = await server(socket => socket.end())
    expect(await client().request(post(upstream.url))).toEqual({ kind: 'unknown', cause: 'connection' })
    expect(upstream.requests).toHaveLength(1)
  })

  it('half a body is unknown', async () => {
    const upstream = await server(socket => socket.end(http(200, '{"status":"approved"}').slice(0, -5)))
    expect((await client().request(post(upstream.url))).kind).toBe('unknown')
  })

  it('an answer that is not HTTP is unknown', async () => {
    const upstream = await server(socket => socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n'))
    expect((await client().request(post(upstream.url))).kind).toBe('unknown')
  })

  it('a body over the limit is unknown, announced or not', async () => {
    const huge = 'x'.repeat(300_000)
    const announced = await server(socket => socket.write(http(200, huge)))
    const chunked = await server(socket =>
      socket.write(
        `HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n${huge.length.toString(16)}\r\n${huge}\r\n0\r\n\r\n`,
      ),
    )
    const http1 = client()
    expect(await http1.request(post(announced.url))).toEqual({ kind: 'unknown', cause: 'unreadable' })
    expect(await http1.request(post(chunked.url))).toEqual({ kind: 'unknown', cause: 'unreadable' })
  })

  it('headers over the limit are unknown', async () => {
    const upstream = await server(socket => socket.write(http(200, '{}', `x-big: ${'x'.repeat(70_000)}\r\n`)))
    expect((await client().request(post(upstream.url))).kind).toBe('unknown')
  })

  it.each([301, 302, 303, 307, 308])('a %s is told, not followed: the request is sent once', async status => {
    const upstream = await server(socket => socket.write(http(status, '', `location: /payments\r\n`)))
    await client().request(post(upstream.url))
    await sleep(50)
    expect(upstream.requests).toHaveLength(1)
  })

  it('an interim answer is not taken for the answer', async () => {
    const upstream = await server(socket => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n')
      setTimeout(() => socket.write(http(200, '{"final":true}')), 30)
    })
    const result = await client().request(post(upstream.url))
    expect(textOf(result)).toBe('{"final":true}')
  })

  it('an unsolicited 100 Continue ends as unknown or as the answer after it, never as unsent', async () => {
    const upstream = await server(socket => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${http(200, '{}')}`))
    const result = await client().request(post(upstream.url))
    expect(['unknown', 'answer']).toContain(result.kind)
  })

  it('settles at the deadline when the upstream never answers', async () => {
    const upstream = await server(() => {})
    const result = await client().request(post(upstream.url, { timeoutMs: 150 }))
    expect(result).toEqual({ kind: 'unknown', cause: 'timeout' })
  })

  it('settles at the deadline when the answer drips in', async () => {
    const upstream = await server(socket => {
      socket.write('HTTP/1.1 200 X\r\ncontent-length: 1000\r\n\r\n')
      const drip = setInterval(() => socket.write('x'), 20)
      socket.on('close', () => clearInterval(drip))
    })
    const result = await client().request(post(upstream.url, { timeoutMs: 150 }))
    expect(result).toEqual({ kind: 'unknown', cause: 'timeout' })
  })

  it('delivers an answer that comes after the deadline, once', async () => {
    const upstream = await server(socket => setTimeout(() => socket.write(http(200, '{"late":1}')), 250))
    const late: HttpAnswer[] = []
    const result = await client().request(
      post(upstream.url, { timeoutMs: 100, onLate: answer => late.push(answer) }),
    )
    expect(result).toEqual({ kind: 'unknown', cause: 'timeout' })
    await expect.poll(() => late.length).toBe(1)
    expect(textOf(late[0] as HttpAnswer)).toBe('{"late":1}')
  })

  it('gives up on late answers in the end and frees the connection', async () => {
    let closed = 0
    const upstream = await server(socket => {
      socket.on('close', () => closed++)
    })
    const late: HttpAnswer[] = []
    await client(150).request(post(upstream.url, { timeoutMs: 100, onLate: answer => late.push(answer) }))
    await expect.poll(() => closed, { timeout: 1_000 }).toBe(1)
    expect(late).toEqual([])
  })

  it('does not send a request again when the kept connection was closed by the upstream', async () => {
    const upstream = await server((socket, _, number) => {
      if (number === 0) socket.write(http(200, '{}'))
      else socket.destroy()
    })
    const reused = client()
    await reused.request(post(upstream.url))
    expect((await reused.request(post(upstream.url))).kind).toBe('unknown')
    await sleep(50)
    expect(upstream.requests).toHaveLength(2)
  })
})

it('answers that arrive in one turn of the event loop are gone on with side by side, step by step', async () => {
  const waiting: (() => void)[] = []
  const upstream = await server(socket => {
    waiting.push(() => socket.write(http(200, '{}')))
    if (waiting.length === 2) for (const answer of waiting) answer()
  })
  const client = new UndiciClient()
  open.unshift(client)
  const steps: string[] = []
  const goOn = async () => {
    await client.request(post(upstream.url))
    steps.push('answered')
    await Promise.resolve()
    steps.push('went on')
  }
  await Promise.all([goOn(), goOn()])
  expect(steps).toEqual(['answered', 'answered', 'went on', 'went on'])
})

describe('the proof of not sent on undici', () => {
  it('holds for a request that still waits for a connection at its deadline: not a byte ever leaves', async () => {
    let first: (() => void) | undefined
    const upstream = await server((socket, _, number) => {
      if (number === 0) first = () => socket.write(http(200, '{}'))
      else socket.write(http(200, '{}'))
    })
    const client = new UndiciClient({ connectionsMax: 1 })
    open.unshift(client)
    const running = client.request(post(upstream.url, { timeoutMs: 2_000 }))
    await expect.poll(() => upstream.requests.length).toBe(1)
    const queued = await client.request(
      post(upstream.url, { timeoutMs: 100, body: '{"reference":"queued"}' }),
    )
    expect(queued).toEqual({ kind: 'not_sent', cause: 'no_connection_in_time' })
    first?.()
    expect((await running).kind).toBe('answer')
    expect((await client.request(post(upstream.url))).kind).toBe('answer')
    expect(upstream.requests.join()).not.toContain('queued')
    expect(upstream.connections()).toBe(1)
  })

  it('holds for a TCP handshake that gets no answer', async () => {
    const client = new UndiciClient({ connectTimeoutMs: 200 })
    open.unshift(client)
    // 192.0.2.0/24 is reserved for documentation: no host answers there, and some networks refuse it at once.
    const result = await client.request(post('http://192.0.2.1:81', { timeoutMs: 600 }))
    expect(result.kind).toBe('not_sent')
  })

  it('holds when too many requests are open: the next is refused at once', async () => {
    const upstream = await server(() => {})
    const client = new UndiciClient({ connectionsMax: 2, queuedMax: 1 })
    open.unshift(client)
    const waiting = Array.from({ length: 3 }, () => client.request(post(upstream.url, { timeoutMs: 1_000 })))
    const refused = await client.request(post(upstream.url))
    expect(refused).toEqual({ kind: 'not_sent', cause: 'too_many_requests_open' })
    const kinds = (await Promise.all(waiting)).map(result => result.kind)
    expect(kinds.sort()).toEqual(['not_sent', 'unknown', 'unknown'])
    expect(upstream.requests).toHaveLength(2)
  })

  it('frees its places again after every kind of end', async () => {
    const upstream = await server((socket, _, number) => {
      if (number % 3 === 0) socket.write(http(200, '{}'))
      if (number % 3 === 1) socket.destroy()
    })
    const client = new UndiciClient({ connectionsMax: 2, queuedMax: 0 })
    open.unshift(client)
    for (let n = 0; n < 12; n++) {
      const result = await client.request(post(upstream.url, { timeoutMs: 60 }))
      expect(result).not.toMatchObject({ kind: 'not_sent' })
    }
  })

  it.each(['', 'ftp://host/x', 'http://user:pw@host/x', 'http:///x', 'nonsense', 'http://a b/x'])(
    'holds for the address %j',
    async url => {
      const client = new UndiciClient()
      open.unshift(client)
      expect((await client.request({ ...post('http://x'), url })).kind).toBe('not_sent')
    },
  )

  it('holds for a header that cannot be sent', async () => {
    const upstream = await server(socket => socket.write(http(200, '{}')))
    const client = new UndiciClient()
    open.unshift(client)
    const result = await client.request(post(upstream.url, { headers: { 'x-bad': 'a\r\nb: c' } }))
    expect(result.kind).toBe('not_sent')
    expect(upstream.bytes()).toBe(0)
  })
})

it('closing waits for what is in flight', async () => {
  const upstream = await server(socket => setTimeout(() => socket.write(http(200, '{}')), 100))
  const client = new UndiciClient()
  const running = client.request(post(upstream.url))
  await expect.poll(() => upstream.requests.length).toBe(1)
  await client.close()
  expect((await running).kind).toBe('answer')
})
