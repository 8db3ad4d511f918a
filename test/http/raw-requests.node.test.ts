import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import { contextOf } from './payments.ts'
import type { Target } from './target.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.stop())

/** Writes bytes to the listener and reads until it closes, or has been silent for long. */
async function raw(text: string, url = target.url, silentMs = 5_000): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
  await once(socket, 'connect')
  let received = ''
  socket.setTimeout(silentMs, () => socket.destroy())
  socket.on('data', chunk => {
    received += chunk.toString('latin1')
  })
  socket.on('error', () => undefined)
  socket.write(text)
  await once(socket, 'close')
  return received
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])

/** A whole request for a payment, with its header lines and its target open to change. */
function request(
  change: { target?: string; lines?: string[]; body?: string; without?: string } = {},
): string {
  const body = change.body ?? JSON.stringify(contextOf())
  const lines = [
    `POST ${change.target ?? '/v1/payments'} HTTP/1.1`,
    'Host: gateway',
    `Authorization: Bearer ${target.secret('checkout')}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Idempotency-Key: ${crypto.randomUUID()}`,
    'Connection: close',
    ...(change.lines ?? []),
  ].filter(line => change.without === undefined || !line.startsWith(change.without))
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

async function refusedRaw(text: string, statuses: readonly number[]): Promise<string> {
  const before = await target.sandbox.requestsSeen()
  const answer = await raw(text)
  expect(statuses).toContain(statusOf(answer))
  expect(await target.sandbox.requestsSeen()).toBe(before)
  return answer
}

describe('the listener', () => {
  it('takes a plain request', async () => {
    expect(statusOf(await raw(request()))).toBe(201)
  })

  it.each([
    'http://other.example/v1/payments',
    'https://gateway/v1/payments',
    'http://127.0.0.1:9090/admin/v1/routes',
  ])('refuses the absolute target %s, whose host is not the one of the header', async absolute => {
    await refusedRaw(request({ target: absolute }), [400])
  })

  it('refuses a target that is no path', async () => {
    await refusedRaw(request({ target: '*' }), [400])
    await refusedRaw(request({ target: 'v1/payments' }), [400])
  })

  it('refuses more than 64 headers, and takes 64', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: 1`)
    expect(statusOf(await raw(request({ lines: many(58) })))).toBe(201)
    const answer = await refusedRaw(request({ lines: many(59) }), [431])
    expect(answer).toContain('application/problem+json')
    await refusedRaw(request({ lines: many(500) }), [431])
  })

  it('refuses headers of more than 8 KB', async () => {
    await refusedRaw(request({ lines: [`X-Long: ${'x'.repeat(9_000)}`] }), [431])
  })

  it('refuses a body of unknown length: money is never streamed', async () => {
    const body = JSON.stringify(contextOf())
    const chunked = request({ without: 'Content-Length', lines: ['Transfer-Encoding: chunked'], body: '' })
    const answer = await refusedRaw(`${chunked}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`, [411])
    expect(answer).toContain('length_required')
  })

  it.each([
    ['two lengths', { lines: ['Content-Length: 5'] }],
    ['length and chunks', { lines: ['Transfer-Encoding: chunked'] }],
    ['a length that is no number', { without: 'Content-Length', lines: ['Content-Length: 0x10'] }],
    ['a negative length', { without: 'Content-Length', lines: ['Content-Length: -1'] }],
    ['a folded header', { lines: ['X-Folded: a', ' b'] }],
    ['a blank before the colon', { lines: ['X-Bad : a'] }],
    ['a control character in a header', { lines: ['X-Bad: a\u0000b'] }],
    ['no host', { without: 'Host' }],
    ['two hosts', { lines: ['Host: other'] }],
  ])('refuses %s', async (_name, change) => {
    await refusedRaw(request(change), [400])
  })

  it('refuses a key that is sent twice', async () => {
    const answer = await refusedRaw(request({ lines: ['Idempotency-Key: other'] }), [400])
    expect(answer).toContain('idempotency_key_invalid')
  })

  it('knows nobody by two Authorization headers', async () => {
    await refusedRaw(request({ lines: [`Authorization: Bearer ${target.secret('stranger')}`] }), [400])
  })

  it('answers nothing to a request that never ends, and sends nothing', async () => {
    const before = await target.sandbox.requestsSeen()
    await raw(request().slice(0, -20), target.url, 400)
    expect(await target.sandbox.requestsSeen()).toBe(before)
  })

  it('guards the operators’ listener in the same way', async () => {
    const answer = await raw(
      'GET http://evil.example/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      target.adminUrl,
    )
    expect(statusOf(answer)).toBe(400)
  })
})
