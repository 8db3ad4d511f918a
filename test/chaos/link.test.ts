import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { http, type RawServer, startRawServer } from '../support/raw-server.ts'
import { Link } from './link.ts'

let server: RawServer
let link: Link
beforeEach(async () => {
  server = await startRawServer(socket => socket.write(http(200, '{"ok":true}')))
  link = await Link.open(server.port)
})
afterEach(async () => {
  await link.close()
  await server.close()
})

const ask = (timeoutMs = 2_000) =>
  fetch(`http://127.0.0.1:${link.port}/`, {
    signal: AbortSignal.timeout(timeoutMs),
    headers: { connection: 'close' },
  })
    .then(answer => answer.json())
    .catch((error: Error) => error.name)

describe('a link', () => {
  it('carries requests and answers', async () => {
    expect(await ask()).toEqual({ ok: true })
  })

  it('refuses connections', async () => {
    link.set('refused')
    expect(await ask()).toBe('TypeError')
    expect(server.requests).toHaveLength(0)
  })

  it('swallows what is sent', async () => {
    link.set('black_hole')
    expect(await ask(300)).toBe('TimeoutError')
    expect(server.requests).toHaveLength(0)
    link.set('through')
    expect(await ask()).toEqual({ ok: true })
  })

  it('carries slowly', async () => {
    link.set('slow')
    const started = performance.now()
    expect(await ask()).toEqual({ ok: true })
    expect(performance.now() - started).toBeGreaterThan(700)
  })

  it('ends the connection instead of answering, after the request has arrived', async () => {
    link.set('half_closed')
    expect(await ask()).toBe('TypeError')
    expect(server.requests).toHaveLength(1)
  })

  it('cuts what runs through it', async () => {
    link.set('slow')
    const asked = ask()
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(link.cut()).toBe(1)
    expect(await asked).toBe('TypeError')
  })
})
