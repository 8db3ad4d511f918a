import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HttpConnector } from '../../../src/adapters/connectors/http/connector.ts'
import { HttpEligibilityProvider } from '../../../src/adapters/connectors/http/eligibility.ts'
import { FetchClient } from '../../../src/adapters/http-client/fetch.ts'
import { UndiciClient } from '../../../src/adapters/http-client/undici.ts'
import { systemClock } from '../../../src/adapters/system/clock.ts'
import type { HttpClient } from '../../../src/ports/http-client.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/start.ts'
import { connectorContract, type UpstreamBehaviour } from '../../contract/connector.contract.ts'

const TOKEN = 'sandbox-token-of-at-least-32-characters'
const SLOW_MS = 900

/** What the sandbox calls each behaviour. */
const MAGIC: Record<UpstreamBehaviour, string> = {
  approve: 'approved',
  decline_funds: 'insufficient_funds',
  processing_then_approved: 'processing_approved',
  requires_action: 'action_waits',
  charge_in_silence: 'timeout_approved',
  charge_slowly: 'slow',
  charge_and_reset: 'reset_after',
  charge_and_fail: 'error_after',
  charge_and_answer_garbage: 'garbage',
  charge_and_answer_half: 'truncated',
  charge_and_answer_too_much: 'oversized',
  charge_and_redirect: 'redirected',
  charge_and_echo_wrong_amount: 'wrong_amount',
  charge_and_echo_wrong_reference: 'wrong_reference',
  charge_and_say_unknown: 'outcome_unknown',
  rate_limit: 'rate_limited',
  refund_processing: 'refund_processing',
  refund_declined: 'refund_declined',
}

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({
    ports: 0,
    tokens: { card_a: TOKEN },
    dials: { card_a: { slowMs: SLOW_MS, settleMs: 200, hangMs: 2_000 } },
  })
})
afterAll(() => sandbox.close())

function urlOf(route: string): string {
  return sandbox.routes.find(({ id }) => id === route)?.baseUrl ?? ''
}

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(sandbox.control + path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return response.json()
}

async function charges(reference: string): Promise<number> {
  const { records } = (await control('GET', `/ledger?reference=${reference}`)) as {
    records: { kind: string }[]
  }
  return records.filter(({ kind }) => kind === 'charged' || kind === 'authorized').length
}

describe.each([
  ['undici', () => new UndiciClient()],
  ['fetch', () => new FetchClient()],
])('the http connector over %s', (_, make: () => HttpClient) => {
  let client: HttpClient
  beforeAll(() => {
    client = make()
  })
  afterAll(() => client.close())

  connectorContract(() => ({
    connector: new HttpConnector({ baseUrl: urlOf('card_a'), client, token: TOKEN }),
    amount: { currency: 'CNY', value: 12_300 },
    slowMs: SLOW_MS,
    arrange: (request, behaviour) => ({ ...request, metadata: { sandbox: MAGIC[behaviour] } }),
    charges,
    shutDown: async () => {
      await control('PATCH', '/routes/card_a/dials', { outage: 'refuse' })
    },
    startAgain: async () => {
      await control('PATCH', '/routes/card_a/dials', { outage: 'none' })
    },
  }))

  it('is not let in with a wrong token: unknown for a payment, no for a ping', async () => {
    const connector = new HttpConnector({ baseUrl: urlOf('card_a'), client, token: 'wrong' })
    expect(await connector.ping({ timeoutMs: 5_000 })).toEqual({ ok: false, detail: 'HTTP 401' })
  })

  it('gets the facts about a payer, and tells an unknown one from a service that is down', async () => {
    const provider = new HttpEligibilityProvider({
      url: `${urlOf('jd_baitiao')}/eligibility`,
      client,
      clock: systemClock,
    })
    const ask = (payer: string) => provider.facts(payer, 'CNY', { timeoutMs: 400 })
    await control('PATCH', '/payers/u-7', { availableCredit: 4_200, daysPastDue: 3 })
    expect(await ask('u-7')).toMatchObject({
      kind: 'known',
      facts: { activated: true, frozen: false, availableCredit: 4_200, daysPastDue: 3 },
    })
    expect(await ask('sbx-unknown')).toEqual({ kind: 'unknown_payer' })
    const down = await Promise.all(['sbx-down', 'sbx-hang', 'sbx-garbage', 'sbx-slow'].map(ask))
    expect(down.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => 'unavailable'))
  })
})
