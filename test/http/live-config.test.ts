import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningGateway, startGateway } from '../../src/entry/node.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts'

const KEY = 'live_config_key_of_at_least_32_characters'
const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-live-'))
let sandbox: Sandbox
let gateway: RunningGateway

function config(routes: readonly string[], extra = ''): string {
  const baseUrl = (id: string): string => sandbox.routes.find(route => route.id === id)?.baseUrl ?? ''
  const lines = routes.map(
    id => `
  - id: ${id}
    tender: card
    connector: { type: http, baseUrl: "${baseUrl(id)}", timeoutMs: 5000 }
    capability: { channels: [app], currencies: [CNY], amount: { max: 10000000 }, queryable: true }`,
  )
  return `version: 1
tenants: [{ id: demo, apiKeys: [{ id: all, secretEnv: LIVE_KEY, scopes: [decide, pay, read, explain, creditReasons] }] }]
routes:${lines.join('')}
${extra}`
}

const post = (path: string, body: object): Promise<Response> =>
  fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
    body: JSON.stringify(body),
  })

const context = (value: number) => ({
  orderId: crypto.randomUUID(),
  amount: { currency: 'CNY', value },
  channel: 'app',
  payer: { id: 'u-1' },
  funding: { accept: [{ tender: 'card' }] },
})

async function routes(): Promise<string[]> {
  const answer = (await (await post('/v1/decisions', context(100))).json()) as {
    candidates: { route: string }[]
  }
  return answer.candidates.map(({ route }) => route)
}

const put = (text: string, query = ''): Promise<Response> =>
  fetch(`${gateway.adminUrl}/admin/v1/config${query}`, { method: 'PUT', body: text })

beforeAll(async () => {
  sandbox = await startSandbox({ ports: 0 })
  gateway = await startGateway({
    configText: config(['card_a']),
    configFile: 'live.yaml',
    host: '127.0.0.1',
    port: 0,
    adminHost: '127.0.0.1',
    adminPort: 0,
    dataDir,
    env: { LIVE_KEY: KEY },
    logLevel: 'silent',
  })
})

afterAll(async () => {
  await gateway.stop()
  await sandbox.close()
  rmSync(dataDir, { recursive: true, force: true })
})

describe('replacing the configuration while it runs', () => {
  it('leaves the old one running when the new one has a mistake, and names the place', async () => {
    const answer = await put(config(['card_a'], 'polcy: {}'))
    expect(answer.status).toBe(400)
    const problem = (await answer.json()) as { errors: { message: string }[] }
    expect(problem.errors[0]?.message).toMatch(/^request:\d+:\d+: error: polcy/)
    expect(await routes()).toEqual(['card_a'])
  })

  it('refuses a configuration whose secret is not there', async () => {
    const answer = await put(config(['card_a']).replace('LIVE_KEY', 'NO_SUCH_KEY'))
    expect(answer.status).toBe(400)
    expect(await routes()).toEqual(['card_a'])
  })

  it('tells what would change without applying it', async () => {
    const answer = await put(config(['card_a', 'card_b']), '?dryRun=true')
    const preview = (await answer.json()) as { applied: boolean; changes: { path: string }[] }
    expect(preview.applied).toBe(false)
    expect(preview.changes.map(({ path }) => path)).toEqual(['routes[card_b]'])
    expect(await routes()).toEqual(['card_a'])
  })

  it('serves the new one at once, and lets a payment in flight keep the one it began with', async () => {
    const before = (await (await fetch(`${gateway.adminUrl}/admin/v1/config`)).json()) as { version: string }
    // 9022: charged on arrival, answered late.
    const slow = post('/v1/payments', context(1_239_022))
    await new Promise(resolve => setTimeout(resolve, 100))
    const answer = await put(config(['card_b']))
    expect(answer.status).toBe(200)
    expect(await routes()).toEqual(['card_b'])
    const paid = (await (await slow).json()) as { status: string; route: string; decision: string }
    expect(paid).toMatchObject({ status: 'succeeded', route: 'card_a' })
    const record = await fetch(`${gateway.url}/v1/decisions/${paid.decision}`, {
      headers: { authorization: `Bearer ${KEY}` },
    })
    expect(await record.json()).toMatchObject({ policyVersion: before.version })
  })
})
