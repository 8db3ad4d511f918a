import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BEHAVIOURS, DECLINES } from '../../src/sandbox/magic.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts'
import { clientOf, cny, order } from './client.ts'

const quick = { slowMs: 80, settleMs: 250, lateMs: 400, hangMs: 2_000, actionMs: 600 }

let sandbox: Sandbox
let card: ReturnType<typeof clientOf>

beforeAll(async () => {
  sandbox = await startSandbox({ ports: 0, dials: { card_a: quick, card_b: quick, jd_baitiao: quick } })
  card = clientOf(sandbox, 'card_a')
})
afterAll(() => sandbox.close())

function behaving(id: string) {
  return order({ metadata: { sandbox: id } })
}

/** The ways in which a caller can be left without an answer. */
const noAnswer = /timeout|fetch failed|terminated/

describe('the choice of a behaviour', () => {
  it('is documented, number by number', () => {
    const page = readFileSync(new URL('../../docs/sandbox.md', import.meta.url), 'utf8')
    for (const { number, id, meaning } of BEHAVIOURS) {
      expect(page).toContain(`| ${String(number).padStart(2, '0')} | \`${id}\` | ${meaning} |`)
    }
  })

  it.each([1, 100, 4_200, 9_000, 19_900, 129_900, 89_999, 9_700])(
    'leaves the ordinary amount %i alone',
    async value => {
      expect((await card.pay(order({ amount: cny(value) }))).body.status).toBe('approved')
    },
  )

  it('comes from the last digits of an amount, on every route or on one', async () => {
    const other = clientOf(sandbox, 'card_b')
    const everywhere = { amount: cny(1_239_004) }
    expect((await card.pay(order(everywhere))).body.declineCategory).toBe('insufficient_funds')
    expect((await other.pay(order(everywhere))).body.declineCategory).toBe('insufficient_funds')
    const onCardA = { amount: cny(1_239_204) }
    expect((await card.pay(order(onCardA))).body.declineCategory).toBe('insufficient_funds')
    expect((await other.pay(order(onCardA))).body.status).toBe('approved')
  })

  it('comes from the payer, on every route or on one', async () => {
    const other = clientOf(sandbox, 'card_b')
    const payer = 'sbx-pay.card_a.suspected_fraud.77'
    expect((await card.pay(order({ payer }))).body.declineCategory).toBe('suspected_fraud')
    expect((await other.pay(order({ payer }))).body.status).toBe('approved')
    expect((await other.pay(order({ payer: 'sbx-pay.limit_exceeded' }))).body.declineCategory).toBe(
      'limit_exceeded',
    )
  })

  it('is taken from metadata first, and that of the route before the general one', async () => {
    const metadata = { sandbox: 'issuer_declined', sandbox_card_a: 'not_permitted' }
    const fields = { metadata, payer: 'sbx-pay.limit_exceeded', amount: cny(9_004) }
    expect((await card.pay(order(fields))).body.declineCategory).toBe('not_permitted')
    expect((await clientOf(sandbox, 'card_b').pay(order(fields))).body.declineCategory).toBe(
      'issuer_declined',
    )
  })
})

describe('a behaviour that does not exist', () => {
  it.each([{ metadata: { sandbox: 'aproved' } }, { payer: 'sbx-pay.aproved' }])(
    'is refused: %o',
    async fields => {
      expect((await card.pay(order(fields))).body.error).toBe('unknown_behaviour')
    },
  )
})

describe('declines', () => {
  it.each(Object.entries(DECLINES))('%s says its category and charges nothing', async (category, code) => {
    const request = behaving(category)
    const { body } = await card.pay(request)
    expect(body).toMatchObject({ status: 'declined', declineCategory: category, declineCode: code })
    expect(body).toMatchObject({ reference: request.reference, amount: request.amount })
    expect(await card.ledger(request.reference)).toEqual([])
  })
})

describe('payments that take their time', () => {
  it.each([
    ['processing_approved', 'processing', 'approved', ['charged 129900']],
    ['processing_declined', 'processing', 'declined', []],
    ['action_approved', 'requires_action', 'approved', ['charged 129900']],
    ['action_expired', 'requires_action', 'declined', []],
    ['action_waits', 'requires_action', 'declined', []],
    ['declined_then_approved', 'declined', 'approved', ['charged 129900']],
  ])('%s is %s first and %s in the end', async (id, first, last, ledger) => {
    const request = behaving(id)
    expect((await card.pay(request)).body.status).toBe(first)
    expect(await card.ledger(request.reference)).toEqual([])
    await expect.poll(async () => (await card.query(request.reference)).body.status).toBe(last)
    expect(await card.ledger(request.reference)).toEqual(ledger)
  })

  it('slow is answered late', async () => {
    const before = performance.now()
    expect((await card.pay(behaving('slow'))).body.status).toBe('approved')
    expect(performance.now() - before).toBeGreaterThan(70)
  })

  it('a redirect leads to a page where the payer decides, and back to the shop', async () => {
    const request = { ...behaving('action_waits'), returnUrl: 'https://shop.example/return' }
    const { url } = (await card.pay(request)).body.nextAction as { url: string }
    expect(await (await fetch(url)).text()).toContain('1299.00 CNY')
    const done = await fetch(url, { method: 'POST', body: 'result=approved', redirect: 'manual' })
    expect([done.status, done.headers.get('location')]).toEqual([303, 'https://shop.example/return'])
    expect(await card.ledger(request.reference)).toEqual(['charged 129900'])
  })
})

describe('answers that go wrong after the charge', () => {
  it.each(['timeout_approved', 'truncated', 'reset_after'])(
    '%s leaves no answer, yet the money is taken',
    async id => {
      const request = behaving(id)
      await expect(card.pay(request, 300)).rejects.toThrow(noAnswer)
      expect((await card.query(request.reference)).body.status).toBe('approved')
      expect(await card.ledger(request.reference)).toEqual(['charged 129900'])
      expect((await card.pay(request)).body.status).toBe('approved')
      expect(await card.ledger(request.reference)).toEqual(['charged 129900'])
    },
  )

  it.each([
    ['error_after', 500, { error: 'internal_error' }],
    ['wrong_amount', 200, { status: 'approved', amount: cny(129_901) }],
    ['wrong_reference', 200, { reference: '0'.repeat(32) }],
    ['outcome_unknown', 200, { status: 'declined', declineCategory: 'outcome_unknown' }],
    ['redirected', 307, {}],
  ])('%s answers %i and has charged', async (id, status, body) => {
    const request = behaving(id)
    const answer = await card.pay(request)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject(body)
    expect((await card.query(request.reference)).body).toMatchObject({
      status: 'approved',
      amount: cny(129_900),
    })
    expect(await card.ledger(request.reference)).toEqual(['charged 129900'])
  })

  it('garbage is no JSON, and oversized is far beyond any sensible answer', async () => {
    await expect(card.pay(behaving('garbage'))).rejects.toThrow('JSON')
    expect(String((await card.pay(behaving('oversized'))).body.padding)).toHaveLength(1_048_576)
  })
})

describe('requests that fail before anything is charged', () => {
  it.each([
    ['error_before', 500],
    ['rate_limited', 429],
  ])('%s answers %i once and works the next time', async (id, status) => {
    const request = behaving(id)
    expect((await card.pay(request)).status).toBe(status)
    expect((await card.query(request.reference)).status).toBe(404)
    expect((await card.pay(request)).body.status).toBe('approved')
    expect(await card.ledger(request.reference)).toEqual(['charged 129900'])
  })

  it('reset_before resets once and works the next time', async () => {
    const request = behaving('reset_before')
    await expect(card.pay(request)).rejects.toThrow(noAnswer)
    expect((await card.query(request.reference)).status).toBe(404)
    expect((await card.pay(request)).body.status).toBe('approved')
  })

  it('timeout_absent is never seen, however often it is sent', async () => {
    const request = behaving('timeout_absent')
    await expect(card.pay(request, 100)).rejects.toThrow(noAnswer)
    await expect(card.pay(request, 100)).rejects.toThrow(noAnswer)
    expect((await card.query(request.reference)).status).toBe(404)
    expect(await card.ledger(request.reference)).toEqual([])
  })
})

describe('an effect that comes late', () => {
  it('is not found before, and charges once even when it was sent twice', async () => {
    const request = behaving('timeout_late')
    await expect(card.pay(request, 30)).rejects.toThrow(noAnswer)
    await expect(card.pay(request, 30)).rejects.toThrow(noAnswer)
    expect((await card.query(request.reference)).status).toBe(404)
    await expect.poll(async () => (await card.query(request.reference)).status).toBe(200)
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(await card.ledger(request.reference)).toEqual(['charged 129900'])
  })

  it('is stopped by a tombstone', async () => {
    const request = behaving('timeout_late')
    await expect(card.pay(request, 30)).rejects.toThrow(noAnswer)
    expect((await card.cancel(request.reference, 'close')).body).toEqual({ status: 'not_found' })
    await new Promise(resolve => setTimeout(resolve, 700))
    expect(await card.ledger(request.reference)).toEqual(['tombstoned 0'])
    expect((await card.pay(request)).body).toMatchObject({ status: 'declined', declineCode: 'canceled' })
  })

  it('is stopped by its own expiry', async () => {
    const request = { ...behaving('timeout_late'), expiresAt: Date.now() + 200 }
    await expect(card.pay(request, 30)).rejects.toThrow(noAnswer)
    await expect.poll(async () => (await card.query(request.reference)).body.declineCode).toBe('expired')
    expect(await card.ledger(request.reference)).toEqual([])
  })
})
