import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConnector } from '../../examples/custom-connector/connector.ts'
import { UndiciClient } from '../../src/adapters/http-client/undici.ts'
import { type RunningGateway, startGateway } from '../../src/entry/node.ts'
import { connectorContract } from '../contract/connector.contract.ts'
import { Acquirer, SLOW_MS } from './acquirer.ts'

const acquirer = new Acquirer()
beforeAll(() => acquirer.start())
afterAll(() => acquirer.stop())

describe('the example of a connector of one’s own', () => {
  const client = new UndiciClient()
  afterAll(() => client.close())

  connectorContract(() => ({
    connector: createConnector({ baseUrl: acquirer.url, client }),
    amount: { currency: 'CNY', value: 12_300 },
    slowMs: SLOW_MS,
    arrange: (request, behaviour) => ({ ...request, metadata: { behave: behaviour } }),
    charges: reference => Promise.resolve(acquirer.charges(reference)),
    shutDown: () => acquirer.stop(),
    startAgain: () => acquirer.start(),
  }))
})

describe('a gateway with a connector of one’s own', () => {
  const KEY = 'key_of_the_example_of_a_connector_0123456789'
  const root = join(import.meta.dirname, '../..')
  const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-connector-'))
  const configText = readFileSync(join(root, 'examples/custom-connector/fundroute.yaml'), 'utf8')
  const start = (text: string): Promise<RunningGateway> =>
    startGateway({
      configText: text.replace('http://127.0.0.1:7100', acquirer.url),
      configFile: 'fundroute.yaml',
      host: '127.0.0.1',
      port: 0,
      adminHost: '127.0.0.1',
      adminPort: 0,
      dataDir,
      env: { DEMO_API_KEY: KEY, ACQUIRER_KEY: `${KEY}_of_the_acquirer` },
      logLevel: 'silent',
    })
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

  // config-key: routes.connector.type=module, routes.connector.module
  it('pays through it, and lets no later configuration bring in other code', async () => {
    const gateway = await start(configText)
    const response = await fetch(`${gateway.url}/v1/payments`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${KEY}`,
        'content-type': 'application/json',
        'idempotency-key': 'own-connector',
      },
      body: JSON.stringify({
        orderId: 'own-connector',
        amount: { currency: 'CNY', value: 12_300 },
        channel: 'app',
        payer: { id: 'u-1' },
        funding: { accept: [{ tender: 'card' }] },
      }),
    })
    const paid = (await response.json()) as { status: string; attempts: { reference: string }[] }
    expect(paid).toMatchObject({ status: 'succeeded', route: 'acquirer' })
    expect(acquirer.charges(paid.attempts[0]?.reference ?? '')).toBe(1)

    const other = configText.replace('connector.ts  ', 'other.ts  ')
    expect(await gateway.reload(other, 'fundroute.yaml')).toEqual({
      ok: false,
      problems: ['examples/custom-connector/other.ts: a connector is loaded at the start only; start again'],
    })
    const dearer = configText
      .replace('percentBps: 45', 'percentBps: 50')
      .replace('http://127.0.0.1:7100', acquirer.url)
    expect(await gateway.reload(dearer, 'fundroute.yaml')).toMatchObject({ ok: true })
    await gateway.stop()
  })

  it.each([
    ['is not there', 'examples/custom-connector/none.ts', /none\.ts cannot be used: Cannot find module/],
    ['makes no connector', 'examples/webhook-receiver/receiver.ts', /receiver\.ts has no createConnector/],
  ])('does not start with a file that %s', async (_, file, message) => {
    const text = configText.replace('examples/custom-connector/connector.ts', file)
    await expect(start(text)).rejects.toThrow(message)
  })
})
