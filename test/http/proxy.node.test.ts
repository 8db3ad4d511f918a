import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { orderOf, type Proxied, speak, startProxied, until } from './proxied.ts'

let proxied: Proxied
beforeAll(async () => {
  proxied = await startProxied()
})
afterAll(() => proxied.stop())
beforeEach(() => {
  proxied.a.reset()
  proxied.b.reset()
})

/** On Workers a refused connection is an unknown outcome, and no other upstream is tried. */
describe('an upstream that takes no connection: Node proves that nothing was sent', () => {
  it('another one is tried', async () => {
    await proxied.a.kill()
    const order = orderOf()
    const reply = await proxied.pay(order)
    expect([reply.status, reply.headers.get('fundroute-route')]).toEqual([200, 'card_b'])
    expect(proxied.b.charged).toEqual([order.order.id])
    await proxied.a.start()
  })

  it('nothing reached: the checkout is told so and may try again', async () => {
    await proxied.a.kill()
    await proxied.b.kill()
    const order = orderOf()
    const reply = await proxied.pay(order)
    expect([reply.status, reply.body.code]).toEqual([502, 'upstream_unreachable'])
    await proxied.a.start()
    await proxied.b.start()
    expect((await proxied.pay(order)).status).toBe(200)
    expect([...proxied.a.charged, ...proxied.b.charged]).toEqual([order.order.id])
  })
})

/** The runtime of Workers reads these before the gateway does: test/edge/proxy.test.ts. */
describe('requests that two readers would take differently', () => {
  const bearer = (): string => `authorization: Bearer ${proxied.target.secret('checkout')}`

  it.each(['plain', 'legacy'])('refuses a target that names a host of its own: %s', async checkout => {
    const target = `http://evil.example/proxy/${checkout}/x`
    const heard = await speak(proxied.target.url, `GET ${target} HTTP/1.1\r\nhost: a\r\n${bearer()}\r\n\r\n`)
    expect(heard).toMatch(/^HTTP\/1.1 400 /)
    expect(proxied.a.received).toEqual([])
  })

  it('refuses length and chunks at once', async () => {
    const lines = ['host: a', bearer(), 'content-length: 5', 'transfer-encoding: chunked']
    const text = `POST /proxy/plain/x HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n0\r\n\r\n`
    expect(await speak(proxied.target.url, text)).toMatch(/^HTTP\/1.1 400 /)
    expect(proxied.a.received).toEqual([])
  })
})

/** The upstream would have a minute for the rest: it is the client's leaving that ends it. */
it('breaks off what moves no money when nobody waits for it any more', async () => {
  let broken = false
  proxied.a.behaviour = (_, response) => {
    response.once('close', () => {
      broken = !response.writableFinished
    })
    response.writeHead(200).write('the beginning')
  }
  const leaving = new AbortController()
  await fetch(`${proxied.target.url}/proxy/plain/slow`, {
    headers: { authorization: `Bearer ${proxied.target.secret('checkout')}` },
    signal: leaving.signal,
  })
  leaving.abort()
  await until(() => broken)
  expect(proxied.a.received).toHaveLength(1)
})
