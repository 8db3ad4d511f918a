import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import { behaving, contextOf, decide, inFixedOrder, pay, paymentNow, paymentOnce } from './payments.ts'
import type { Target } from './target.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-drain-'))
/** Keeps the upstreams for the gateways that come and go. */
let stage: Target
beforeAll(async () => {
  stage = await startTarget()
  await stage.sandbox.dial('card_a', { slowMs: 800, settleMs: 800 })
})
afterAll(async () => {
  await stage.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

const start = () => startTarget({ dataDir, sandbox: stage.sandbox, change: inFixedOrder })

describe('a gateway that is stopped', () => {
  it('ends the payment in flight, records it, and tells its client', async () => {
    const first = await start()
    const context = behaving('slow', ['card'], 'card_a')
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const paying = pay(first, context, { headers })
    await expect.poll(() => stage.sandbox.ledger(context.orderId)).toHaveLength(1)
    const stopping = first.stop({ keepData: true })
    const answer = await paying
    await stopping
    expect([answer.status, answer.body.status]).toEqual([201, 'succeeded'])

    const second = await start()
    const again = await pay(second, context, { headers })
    expect(again.text).toBe(answer.text)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await stage.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
    await second.stop({ keepData: true })
  })

  it('ends a payment whose client has gone, too', async () => {
    const first = await start()
    const context = behaving('slow', ['card'], 'card_a')
    const hangUp = new AbortController()
    const paying = fetch(`${first.url}/v1/payments`, {
      method: 'POST',
      signal: hangUp.signal,
      headers: {
        authorization: `Bearer ${first.secret('checkout')}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify(context),
    })
    await expect.poll(() => stage.sandbox.ledger(context.orderId)).toHaveLength(1)
    hangUp.abort()
    await expect(paying).rejects.toThrow()
    await first.stop({ keepData: true })

    const second = await start()
    const listed = await second.api<{ payments: { status: string }[] }>(
      'GET',
      `/v1/payments?orderId=${context.orderId}`,
    )
    expect(listed.body.payments.map(({ status }) => status)).toEqual(['succeeded'])
    await second.stop({ keepData: true })
  })

  it('is not ready any more, and takes no further connection', async () => {
    const first = await start()
    expect((await first.api('GET', '/readyz', { key: null })).body).toEqual({ status: 'ready' })
    const paying = pay(first, behaving('slow', ['card'], 'card_a'))
    await new Promise(resolve => setTimeout(resolve, 100))
    const stopping = first.stop({ keepData: true })
    await expect(fetch(`${first.url}/livez`)).rejects.toThrow()
    await paying
    await stopping
  })

  it('leaves what is pending to the next one, which brings it to its end', async () => {
    const first = await start()
    await stage.sandbox.tell(null)
    const context = behaving('processing_approved', ['card'], 'card_a')
    const { body } = await pay(first, context)
    expect(body.status).toBe('pending')
    await first.stop({ keepData: true })

    const second = await start()
    expect((await paymentOnce(second, body.id, 'succeeded')).status).toBe('succeeded')
    expect(await stage.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
    await second.stop({ keepData: true })
  })

  it('has written the decisions that were only queued', async () => {
    const first = await start()
    const decided = await Promise.all(Array.from({ length: 50 }, () => decide(first, contextOf())))
    await first.stop({ keepData: true })
    const second = await start()
    const found = await Promise.all(decided.map(({ body }) => second.api('GET', `/v1/decisions/${body.id}`)))
    expect(found.map(({ status }) => status)).toEqual(decided.map(() => 200))
    await second.stop({ keepData: true })
  })

  it('finds the payments of before', async () => {
    const first = await start()
    const { body } = await pay(first, contextOf())
    await first.stop({ keepData: true })
    const second = await start()
    expect(await paymentNow(second, body.id)).toEqual(body)
    await second.stop({ keepData: true })
  })
})
