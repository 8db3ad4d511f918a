import { createServer } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/system/clock.ts'
import { mayReach, type Reach, type Resolver } from '../../../src/adapters/webhooks/address-guard.ts'
import { WebhookSender } from '../../../src/adapters/webhooks/deliver.ts'
import type { EndpointTarget } from '../../../src/adapters/webhooks/signed-request.ts'
import { HOOK_CERTIFICATE, HOOK_KEY } from '../../support/certificate.ts'
import { http, type RawScript, startRawServer } from '../../support/raw-server.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const oldSecret = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
const message = {
  id: 'evt_1',
  endpoint: 'demo/hook',
  body: '{"type":"payment.succeeded","data":{"名":"一"}}',
}

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(each => each.close()))
})

async function receiver(script: RawScript) {
  const server = await startRawServer(script)
  open.push(server)
  return server
}

function sender(target: Partial<EndpointTarget> & { url: string }, resolver?: Resolver, timeoutMs = 500) {
  const full: EndpointTarget = { secrets: [secret], reach: 'loopback', ...target }
  const made = new WebhookSender({
    clock: systemClock,
    targets: () => new Map([[message.endpoint, full]]),
    timeoutMs,
    ...(resolver === undefined ? {} : { resolver }),
  })
  open.unshift(made)
  return made
}

const names =
  (...addresses: string[]): Resolver =>
  (_name, done) =>
    done(
      null,
      addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

/** Verifies a raw request with the reference library and gives back what it says. */
function verified(request: string, key: string): unknown {
  const [head = '', ...rest] = request.split('\r\n\r\n')
  const headers = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
  return new Webhook(key).verify(Buffer.from(rest.join('\r\n\r\n'), 'latin1'), headers)
}

describe('an event', () => {
  it('is signed so that an unmodified receiver verifies it', async () => {
    const server = await receiver(socket => socket.write(http(200, '{}')))
    expect(await sender({ url: `${server.url}/hooks?a=1` }).send(message)).toEqual({ kind: 'delivered' })
    expect(verified(server.requests[0] ?? '', secret)).toEqual(JSON.parse(message.body))
    expect(server.requests[0]).toMatch(/^POST \/hooks\?a=1 HTTP\/1\.1\r\n/)
    expect(server.requests[0]).toMatch(/\r\nwebhook-id: evt_1\r\n/)
    expect(() => verified((server.requests[0] ?? '').replace('一', '二'), oldSecret)).toThrow()
  })

  it('carries the signatures of both secrets while one replaces the other', async () => {
    const server = await receiver(socket => socket.write(http(204, '')))
    await sender({ url: server.url, secrets: [secret, oldSecret] }).send(message)
    for (const key of [secret, oldSecret]) {
      expect(verified(server.requests[0] ?? '', key)).toEqual(JSON.parse(message.body))
    }
  })

  it.each([
    [200, { kind: 'delivered' }],
    [202, { kind: 'delivered' }],
    [301, { kind: 'failed', cause: 'status_301' }],
    [400, { kind: 'failed', cause: 'status_400' }],
    [410, { kind: 'gone' }],
    [429, { kind: 'failed', cause: 'status_429' }],
    [503, { kind: 'failed', cause: 'status_503' }],
  ])('answered with %s is %j', async (status, expected) => {
    const server = await receiver(socket => socket.write(http(status, '{}')))
    expect(await sender({ url: server.url }).send(message)).toEqual(expected)
  })

  it('follows no redirect', async () => {
    const other = await receiver(socket => socket.write(http(200, '{}')))
    const server = await receiver(socket => socket.write(http(307, '', `location: ${other.url}/x\r\n`)))
    expect(await sender({ url: server.url }).send(message)).toEqual({ kind: 'failed', cause: 'status_307' })
    expect(other.connections()).toBe(0)
  })

  it('ends by its timeout when the receiver hangs, before or within its answer', async () => {
    for (const script of [() => undefined, drip] as RawScript[]) {
      const server = await receiver(script)
      expect(await sender({ url: server.url }, undefined, 300).send(message)).toHaveProperty('kind')
    }
  })

  it('reads no more of an answer than the cap', async () => {
    let written = 0
    const server = await receiver(socket => {
      socket.write('HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n')
      const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
      const more = (): void => {
        while (!socket.destroyed && socket.write(chunk)) written += chunk.length
      }
      socket.on('drain', more)
      more()
    })
    expect(await sender({ url: server.url }, undefined, 5_000).send(message)).toEqual({ kind: 'delivered' })
    // What the sockets' own buffers hold comes on top of the 64 KiB that are read.
    expect(written).toBeLessThan(8_000_000)
  })

  it('goes nowhere once its endpoint is not in the configuration', async () => {
    const made = sender({ url: 'http://127.0.0.1:1' })
    expect(await made.send({ ...message, endpoint: 'demo/other' })).toMatchObject({
      cause: 'endpoint_removed',
    })
  })
})

const drip: RawScript = socket => {
  socket.write('HTTP/1.1 200 X\r\ncontent-length: 100000\r\n\r\n')
  const timer = setInterval(() => socket.write('x'), 20)
  socket.on('close', () => clearInterval(timer))
}

describe('what may be connected to', () => {
  const anywhere: readonly [string, readonly Reach[]][] = [
    ['93.184.216.34', ['public', 'private']],
    ['2606:4700::1111', ['public', 'private']],
    ['127.0.0.1', ['loopback', 'private']],
    ['127.1.2.3', ['loopback', 'private']],
    ['::1', ['loopback', 'private']],
    ['::ffff:127.0.0.1', ['loopback', 'private']],
    ['10.0.0.1', ['private']],
    ['172.16.0.1', ['private']],
    ['192.168.1.1', ['private']],
    ['::ffff:10.0.0.1', ['private']],
    ['100.64.0.1', ['private']],
    ['fd00::1', ['private']],
    // Where clouds keep their credentials.
    ['169.254.169.254', []],
    ['::ffff:169.254.169.254', []],
    ['fe80::1', []],
    ['0.0.0.0', []],
    ['::', []],
    ['224.0.0.1', []],
    ['255.255.255.255', []],
    ['240.0.0.1', []],
    ['192.0.2.1', []],
    ['198.18.0.1', []],
    // IPv4 in IPv6 clothes: NAT64, local NAT64, 6to4, Teredo, IPv4-compatible.
    ['64:ff9b::7f00:1', []],
    ['64:ff9b:1::7f00:1', []],
    ['2002:7f00:1::', []],
    ['2001::7f00:1', []],
    ['::127.0.0.1', []],
    ['ff02::1', []],
    ['2001:db8::1', []],
    ['not an address', []],
  ]

  it.each(anywhere)('%s with %j', (address, allowed) => {
    const reaches: readonly Reach[] = ['public', 'loopback', 'private']
    expect(reaches.filter(reach => mayReach(address, reach))).toEqual(
      reaches.filter(reach => allowed.includes(reach)),
    )
  })

  it.each(['127.0.0.1', '0x7f.1', '2130706433', '0177.0.0.1', '[::1]', '[::ffff:7f00:1]', '10.0.0.1'])(
    'a public endpoint is never at %s, however it is written',
    async host => {
      const made = sender({ url: `https://${host}:9/`, reach: 'public' })
      expect(await made.send(message)).toEqual({ kind: 'failed', cause: 'ADDRESS_REFUSED' })
    },
  )

  it('a name is refused when one of its addresses is', async () => {
    const server = await receiver(socket => socket.write(http(200, '{}')))
    const url = `http://hook.example:${server.port}/`
    const refused = { kind: 'failed', cause: 'ADDRESS_REFUSED' }
    expect(await sender({ url }, names('127.0.0.1', '10.0.0.1')).send(message)).toEqual(refused)
    expect(await sender({ url }, names('127.0.0.1', '::ffff:169.254.169.254')).send(message)).toEqual(refused)
    expect(server.connections()).toBe(0)
    expect(await sender({ url }, names('127.0.0.1')).send(message)).toEqual({ kind: 'delivered' })
  })

  it('a name server that changes its mind changes nothing: what was checked is connected to', async () => {
    const server = await receiver(socket => socket.write(http(200, '{}')))
    let asked = 0
    const rebinding: Resolver = (_name, done) => {
      asked++
      done(null, [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }])
    }
    const made = sender({ url: `http://hook.example:${server.port}/` }, rebinding)
    expect(await made.send(message)).toEqual({ kind: 'delivered' })
    expect(asked).toBe(1)
  })

  it('a public endpoint is told by https alone', async () => {
    const made = sender({ url: 'http://93.184.216.34/', reach: 'public' })
    expect(await made.send(message)).toEqual({ kind: 'failed', cause: 'not_https' })
  })

  it('the certificate is that of the name, though the address was checked', async () => {
    const ca = HOOK_CERTIFICATE
    const server = createServer({ key: HOOK_KEY, cert: ca }, (_, answer) => answer.end('{}'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push({ close: async () => void server.close() })
    const { port } = server.address() as AddressInfo
    const send = (host: string) => {
      const target: EndpointTarget = { url: `https://${host}:${port}/`, secrets: [secret], reach: 'private' }
      const targets = () => new Map([[message.endpoint, target]])
      const made = new WebhookSender({ clock: systemClock, targets, ca, resolver: names('127.0.0.1') })
      open.unshift(made)
      return made.send(message)
    }
    expect(await send('hook.example')).toEqual({ kind: 'delivered' })
    expect(await send('other.example')).toEqual({ kind: 'failed', cause: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })
})
