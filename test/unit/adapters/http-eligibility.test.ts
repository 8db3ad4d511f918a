import { describe, expect, it } from 'vitest'
import { HttpEligibilityProvider } from '../../../src/adapters/connectors/http/eligibility.ts'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import type { HttpResult } from '../../../src/ports/http-client.ts'
import { answered, FakeHttpClient } from '../../support/fake-http-client.ts'

const now = 1_800_000_000_000
const facts = { activated: true, frozen: false, availableCredit: 500_000, daysPastDue: 0 }

function setup(url = 'http://lender.example/eligibility') {
  const client = new FakeHttpClient()
  const provider = new HttpEligibilityProvider({
    url,
    client,
    clock: new ManualClock(now),
    token: 'lender-token',
  })
  const ask = (result: HttpResult) => {
    client.next = result
    return provider.facts('u/1 &x', 'CNY', { timeoutMs: 200, traceparent: '00-a-b-01' })
  }
  return { client, ask }
}

describe('the eligibility provider over HTTP', () => {
  it('asks for payer and currency, with token, trace and deadline', async () => {
    const { client, ask } = setup()
    await ask(answered(200, facts))
    expect(client.requests[0]).toEqual({
      method: 'GET',
      url: 'http://lender.example/eligibility?payer=u%2F1%20%26x&currency=CNY',
      headers: { accept: 'application/json', authorization: 'Bearer lender-token', traceparent: '00-a-b-01' },
      timeoutMs: 200,
    })
  })

  it('adds to a query that the address already has', async () => {
    const { client, ask } = setup('http://lender.example/e?v=2')
    await ask(answered(200, facts))
    expect(client.requests[0]?.url).toBe('http://lender.example/e?v=2&payer=u%2F1%20%26x&currency=CNY')
  })

  it('hands on what the lender says, and ignores what the protocol does not know', async () => {
    const more = { tier: 'gold', restrictions: ['CRD_FROZEN'], asOf: now - 5_000, version: 'v7' }
    const answer = await setup().ask(answered(200, { ...facts, ...more, name: 'somebody' }))
    expect(answer).toEqual({ kind: 'known', facts: { ...facts, ...more } })
  })

  it('takes the moment of asking for the age of facts without one, or with one from the future', async () => {
    expect(await setup().ask(answered(200, facts))).toMatchObject({ facts: { asOf: now } })
    const future = { ...facts, asOf: now + 3_600_000 }
    expect(await setup().ask(answered(200, future))).toMatchObject({ facts: { asOf: now } })
  })

  it('reads an age in RFC 3339 and a version that is a number', async () => {
    const asOf = new Date(now - 1_000).toISOString()
    expect(await setup().ask(answered(200, { ...facts, asOf, version: 3 }))).toMatchObject({
      facts: { asOf: now - 1_000, version: '3' },
    })
  })

  it('takes an overdrawn account for one without credit', async () => {
    expect(await setup().ask(answered(200, { ...facts, availableCredit: -300 }))).toMatchObject({
      facts: { availableCredit: 0 },
    })
  })

  it('tells an unknown payer only when the lender itself says so', async () => {
    expect(await setup().ask(answered(404, { error: 'unknown_payer' }))).toEqual({ kind: 'unknown_payer' })
    expect(await setup().ask(answered(404, ''))).toEqual({ kind: 'unknown_payer' })
    expect(await setup().ask(answered(404, '<html>'))).toMatchObject({ kind: 'unavailable' })
  })

  it.each([
    ['missing', { activated: true }],
    ['text for a flag', { ...facts, activated: 'yes' }],
    ['a fraction of a cent', { ...facts, availableCredit: 1.5 }],
    ['more than a safe integer', { ...facts, availableCredit: 2 ** 60 }],
    ['negative days', { ...facts, daysPastDue: -1 }],
    ['a reason that is prose', { ...facts, restrictions: ['please call us'] }],
    ['too many reasons', { ...facts, restrictions: Array.from({ length: 21 }, () => 'CRD_X') }],
    ['a list', [facts]],
  ])('is unavailable for a body with %s', async (_, body) => {
    expect(await setup().ask(answered(200, body))).toEqual({ kind: 'unavailable', cause: 'unreadable' })
  })

  it.each<HttpResult>([
    answered(500, ''),
    answered(302, ''),
    answered(200, '{"activated":'),
    { kind: 'unknown', cause: 'timeout' },
    { kind: 'not_sent', cause: 'ECONNREFUSED' },
  ])('is unavailable, never wrong, for %j', async result => {
    expect((await setup().ask(result)).kind).toBe('unavailable')
  })
})
