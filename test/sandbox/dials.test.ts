import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/start.ts'
import { call, clientOf, order } from './client.ts'

let sandbox: Sandbox
let card: ReturnType<typeof clientOf>

beforeEach(async () => {
  sandbox = await startSandbox({ ports: 0, tokens: { wallet: 'wallet-token' } })
  card = clientOf(sandbox, 'card_a')
})
afterEach(() => sandbox.close())

async function statuses(references: string[]): Promise<unknown[]> {
  const answers = await Promise.all(references.map(reference => card.pay(order({ reference }))))
  return answers.map(({ body }) => body.status)
}

describe('the approval rate', () => {
  const references = Array.from({ length: 400 }, (_, index) => index.toString(16).padStart(32, '0'))

  it('is met within chance, by the same payments for the same seed', async () => {
    await card.turn({ approvalRate: 0.7, seed: 5, declineCategory: 'insufficient_funds' })
    const first = await statuses(references)
    const approved = first.filter(status => status === 'approved').length
    // 0.7 of 400 with a standard deviation of 9.2.
    expect(approved).toBeGreaterThan(240)
    expect(approved).toBeLessThan(320)
    await call('POST', `${sandbox.control}/reset`)
    await card.turn({ approvalRate: 0.7, seed: 5 })
    expect(await statuses(references)).toEqual(first)
    await call('POST', `${sandbox.control}/reset`)
    await card.turn({ approvalRate: 0.7, seed: 6 })
    expect(await statuses(references)).not.toEqual(first)
  })

  it('declines with the category that is set, and leaves magic payments alone', async () => {
    await card.turn({ approvalRate: 0, declineCategory: 'limit_exceeded' })
    expect((await card.pay(order())).body).toMatchObject({
      status: 'declined',
      declineCategory: 'limit_exceeded',
    })
    expect((await card.pay(order({ metadata: { sandbox: 'approved' } }))).body.status).toBe('approved')
    await card.turn({ magic: false })
    expect((await card.pay(order({ metadata: { sandbox: 'approved' } }))).body.status).toBe('declined')
  })
})

describe('outages', () => {
  it('refuse: nothing listens, until it listens again at the same address', async () => {
    await card.turn({ outage: 'refuse' })
    const refused = await card.pay(order()).catch((error: Error) => error.cause as { code: string })
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
    expect((await clientOf(sandbox, 'card_b').pay(order())).body.status).toBe('approved')
    await card.turn({ outage: 'none' })
    expect((await card.pay(order())).body.status).toBe('approved')
  })

  it('blackhole and error: nothing is processed', async () => {
    const request = order()
    await card.turn({ outage: 'blackhole' })
    await expect(card.pay(request, 150)).rejects.toThrow('timeout')
    await card.turn({ outage: 'error' })
    expect((await card.pay(request)).status).toBe(503)
    await card.turn({ outage: 'none' })
    expect((await card.query(request.reference)).status).toBe(404)
    expect(await card.ledger(request.reference)).toEqual([])
  })

  it('lost requests are never processed, lost answers always are', async () => {
    const [lost, unanswered] = [order(), order()]
    await card.turn({ lostRequestShare: 1 })
    await expect(card.pay(lost, 150)).rejects.toThrow('timeout')
    await card.turn({ lostRequestShare: 0, lostAnswerShare: 1 })
    await expect(card.pay(unanswered)).rejects.toThrow('fetch failed')
    expect(await card.ledger(lost.reference)).toEqual([])
    expect(await card.ledger(unanswered.reference)).toEqual(['charged 129900'])
  })
})

describe('the other dials', () => {
  it('hold answers back, and payments from queries', async () => {
    await card.turn({ latencyMs: 120, queryLagMs: 400 })
    const request = order()
    const before = performance.now()
    await card.pay(request)
    expect(performance.now() - before).toBeGreaterThan(110)
    expect((await card.query(request.reference)).status).toBe(404)
    await expect.poll(async () => (await card.query(request.reference)).status).toBe(200)
  })

  it('are checked: a wrong value or an unknown dial changes nothing', async () => {
    for (const change of [{ approvalRate: 2 }, { outage: 'sometimes' }, { latency: 5 }]) {
      expect((await card.turn(change)).status).toBe(400)
    }
    expect((await call('GET', `${sandbox.control}/routes/card_a`)).body.dials).toMatchObject({
      approvalRate: 1,
    })
  })
})

describe('what arrived', () => {
  it('is counted per route and kind', async () => {
    const request = order()
    await card.pay(request)
    await card.pay(request)
    await card.pay({ ...request, payer: 'u-2' })
    await card.query(request.reference)
    await card.refund(request.reference, 'r1', 5)
    await card.queryRefund(request.reference, 'r1')
    await card.cancel(request.reference, 'void')
    const { body } = await call('GET', `${sandbox.control}/requests`)
    expect(body.card_a).toMatchObject({ pay: 3, query: 1, refund: 1, queryRefund: 1, cancel: 1 })
    expect(body.card_a).toMatchObject({ replayed: 1, conflicts: 1 })
    expect(body.card_b).toMatchObject({ pay: 0 })
  })

  it('is refused without the token where one is set', async () => {
    const { baseUrl } = clientOf(sandbox, 'wallet')
    const pay = (headers: Record<string, string>) =>
      fetch(`${baseUrl}/payments`, { method: 'POST', headers, body: JSON.stringify(order()) })
    expect((await pay({})).status).toBe(401)
    expect((await pay({ authorization: 'Bearer wallet-token' })).status).toBe(200)
  })
})

describe('the control API', () => {
  it('settles a redirect in the place of the payer, once', async () => {
    const request = order({ metadata: { sandbox: 'action_waits' } })
    await card.pay(request)
    const complete = `${sandbox.control}/routes/card_a/payments/${request.reference}/complete`
    expect((await call('POST', complete, { result: 'approved' })).body.state).toBe('approved')
    expect((await call('POST', complete, { result: 'declined' })).body.state).toBe('approved')
    expect(await card.ledger(request.reference)).toEqual(['charged 129900'])
  })

  it('hands the ledger out in pages', async () => {
    for (let count = 0; count < 5; count += 1) await card.pay(order())
    const page = await call('GET', `${sandbox.control}/ledger?limit=3`)
    expect((page.body.records as { seq: number }[]).map(({ seq }) => seq)).toEqual([1, 2, 3])
    const last = await call('GET', `${sandbox.control}/ledger?limit=3&after=${String(page.body.next)}`)
    expect((last.body.records as { seq: number }[]).map(({ seq }) => seq)).toEqual([4, 5])
    expect(last.body.next).toBeNull()
  })

  it('forgets everything on reset, payments still under way too', async () => {
    await card.turn({ settleMs: 150, outage: 'none' })
    const request = order({ metadata: { sandbox: 'processing_approved' } })
    await card.pay(request)
    await call('POST', `${sandbox.control}/reset`)
    await new Promise(resolve => setTimeout(resolve, 300))
    expect((await card.query(request.reference)).status).toBe(404)
    expect((await call('GET', `${sandbox.control}/ledger`)).body).toEqual({
      records: [],
      next: null,
      dropped: 0,
    })
  })

  it('answers 404 for what it does not know', async () => {
    expect((await call('GET', `${sandbox.control}/routes/nowhere`)).status).toBe(404)
    expect((await call('POST', `${sandbox.control}/nothing`)).status).toBe(404)
  })
})
