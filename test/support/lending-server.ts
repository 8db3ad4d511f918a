import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningGateway, startGateway, type StartOptions } from '../../src/entry/node.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts'

/** The secrets of the server's keys. */
export const KEYS = {
  LENDER_KEY: 'lender_key_of_at_least_32_characters_',
  SHOP_KEY: 'shop_key_of_at_least_32_characters___',
  HOOK_SECRET: `whsec_${'A'.repeat(44)}`,
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- tests compare whatever the answer holds
  readonly body: any
}

/** A gateway with a lender, a card and a till over sandbox upstreams, on free ports, with a journal in memory. */
export interface LendingServer {
  readonly sandbox: Sandbox
  readonly gateway: RunningGateway
  /** With the lender's own key: it may see credit reasons. */
  lender(method: string, path: string, body?: object): Promise<Answer>
  /** With another shop's key: it may not. */
  shop(method: string, path: string, body?: object): Promise<Answer>
  admin(method: string, path: string, body?: object): Promise<Answer>
  /** Changes what the lender's eligibility service says of a payer. */
  payer(id: string, facts: object): Promise<void>
  close(): Promise<void>
}

export interface LendingServerOptions {
  /** YAML below `credit:` of the credit route, indented by six. */
  readonly credit?: string
  readonly cap?: number
  readonly webhook?: string
  readonly start?: Partial<StartOptions>
}

export async function startLending(options: LendingServerOptions = {}): Promise<LendingServer> {
  const sandbox = await startSandbox({ ports: 0 })
  const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-lending-'))
  const gateway = await startGateway({
    configText: configText(sandbox, options),
    configFile: join(dataDir, 'lending.yaml'),
    host: '127.0.0.1',
    port: 0,
    adminHost: '127.0.0.1',
    adminPort: 0,
    dataDir,
    databaseUrl: 'memory:',
    env: KEYS,
    logLevel: 'silent',
    ...options.start,
  })
  const ask = async (
    base: string,
    method: string,
    path: string,
    key?: string,
    body?: object,
  ): Promise<Answer> => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        'idempotency-key': crypto.randomUUID(),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const json = (response.headers.get('content-type') ?? '').includes('json')
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text }
  }
  return {
    sandbox,
    gateway,
    lender: (method, path, body) => ask(gateway.url, method, path, KEYS.LENDER_KEY, body),
    shop: (method, path, body) => ask(gateway.url, method, path, KEYS.SHOP_KEY, body),
    admin: (method, path, body) => ask(gateway.adminUrl, method, path, undefined, body),
    payer: async (id, facts) => {
      const answer = await ask(sandbox.control, 'PATCH', `/payers/${id}`, undefined, facts)
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
    },
    close: async () => {
      await gateway.stop()
      await sandbox.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function configText(
  sandbox: Sandbox,
  { credit = '', cap = 10_000_000, webhook }: LendingServerOptions,
): string {
  const url = (id: string): string => sandbox.routes.find(route => route.id === id)?.baseUrl ?? ''
  const hooks =
    webhook === undefined
      ? ''
      : `
    webhooks: [{ url: "${webhook}", secretEnv: HOOK_SECRET, allowPrivate: true,
                 events: ["*", credit.decision, credit.limit_changed, credit.repayment_due, credit.overdue] }]`
  return `version: 1
tenants:
  - id: demo
    apiKeys:
      - { id: lender, secretEnv: LENDER_KEY, scopes: [quote, decide, pay, read, creditReasons, explain] }
      - { id: shop, secretEnv: SHOP_KEY, scopes: [quote, decide, pay, read] }${hooks}
routes:
  - id: jd_baitiao
    tender: credit
    label: { zh-CN: 白条, en: Baitiao }
    lender: Sandbox Micro-credit Co.
    connector: { type: http, baseUrl: "${url('jd_baitiao')}", timeoutMs: 3000 }
    capability: { channels: [app, web], currencies: [CNY], amount: { min: 100, max: 5000000 },
                  instalments: [1, 3, 6, 12, 24], queryable: true, idempotency: { mode: key } }
    eligibility: { type: http, url: "${url('jd_baitiao')}/eligibility", timeoutMs: 3000, freshSeconds: 1, staleSeconds: 1 }
    pool: baitiao
    credit:
      terms:
        - { instalments: 1, feePayee: Sandbox Micro-credit Co. }
        - { instalments: 3, monthlyFeePpm: 5000, feePayee: Sandbox Micro-credit Co. }
        - { instalments: 12, monthlyFeePpm: 6000, feePayee: Sandbox Micro-credit Co. }
        - { instalments: 24, monthlyFeePpm: 7500, feePayee: Sandbox Micro-credit Co. }
${credit}
  - id: card_a
    tender: card
    connector: { type: http, baseUrl: "${url('card_a')}", timeoutMs: 3000 }
    capability: { channels: [app, web, nfc], currencies: [CNY], amount: { max: 10000000 }, queryable: true }
  - id: flash_pay
    tender: flash_pay
    label: { zh-CN: 京东闪付, en: Flash Pay }
    connector: { type: http, baseUrl: "${url('flash_pay')}", timeoutMs: 3000 }
    capability: { channels: [nfc], currencies: [CNY], amount: { max: 2000000 }, queryable: true }
pools:
  - { id: baitiao, currency: CNY, evaluateSeconds: 1, sources: [{ id: own, kind: own_funds, cap: ${cap}, annualCostBps: 300 }] }
`
}

/** Asks again until the answer is as wanted, for at most five seconds. */
export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const end = Date.now() + 5_000
  for (;;) {
    const answer = await ask()
    if (wanted(answer) || Date.now() > end) return answer
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
