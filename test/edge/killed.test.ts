import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { behaving, contextOf, inFixedOrder, pay, paymentOnce, type PaymentView } from '../http/payments.ts'
import type { RawConfig, Target } from '../http/target.ts'
import { startWorkerTarget } from '../http/worker-target.ts'

/** Longer than a lease and the allowance for clocks that differ. */
const TAKEN_OVER_MS = 25_000

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Long enough for the first request of a cold runtime on a busy machine: one that times out is not sent. */
const TIMEOUT_MS = 4_000

function quick(config: RawConfig): void {
  inFixedOrder(config)
  for (const { connector, capability } of config.routes) {
    connector.timeoutMs = TIMEOUT_MS
    // Nothing takes effect later than this, so that "not found" is proof within the time of a test.
    capability.settleWindowMs = 0
  }
}

/** A gateway whose runtime can be killed, and started again over what was left on disk. Its upstreams live on. */
async function startKillable(): Promise<{ first: Target; again: () => Promise<Target> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-killed-'))
  folders.push(dataDir)
  const first = await startWorkerTarget({ change: quick, dataDir })
  return {
    first,
    again: () => startWorkerTarget({ change: quick, dataDir, sandbox: first.sandbox }),
  }
}

const kill = (target: Target): Promise<void> => target.stop({ keepData: true, keepSandbox: true })

/** Sends a payment and does not wait: the runtime dies under it. */
function payDoomed(target: Target, context: object, key: string): void {
  pay(target, context, { headers: { 'idempotency-key': key } }).catch(() => undefined)
}

async function until(happened: () => Promise<boolean>, withinMs = 15_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await happened())) {
    if (Date.now() > end) throw new Error(`it has not happened within ${withinMs} ms`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

async function paymentOfOrder(target: Target, orderId: string): Promise<PaymentView | undefined> {
  const { body } = await target.api<{ payments: PaymentView[] }>('GET', `/v1/payments?orderId=${orderId}`)
  return body.payments[0]
}

describe('a runtime that is killed', { timeout: 60_000 }, () => {
  it.concurrent('after the send: the charge is found, and nothing is charged again', async () => {
    const { first, again } = await startKillable()
    const context = behaving('timeout_approved', ['card'], 'card_a')
    payDoomed(first, context, 'after-send')
    await until(async () => (await first.sandbox.ledger(context.orderId)).length === 1)
    await kill(first)

    const second = await again()
    const found = await paymentOfOrder(second, context.orderId)
    expect(found).toMatchObject({ status: 'pending', attempts: [{ route: 'card_a', status: 'unknown' }] })
    const repeated = await pay<PaymentView>(second, context, {
      headers: { 'idempotency-key': 'after-send' },
    })
    expect([202, 409]).toContain(repeated.status)
    await paymentOnce(second, found?.id ?? '', 'succeeded', TAKEN_OVER_MS)
    expect(await second.sandbox.ledger(context.orderId)).toEqual(['card_a charged 129900'])
    await second.stop()
    await first.stop()
  })

  it.concurrent('after the INTENT: the payment is there, and is made once by another route', async () => {
    const { first, again } = await startKillable()
    await first.sandbox.dial('card_a', { outage: 'blackhole' })
    const context = contextOf()
    payDoomed(first, context, 'after-intent')
    await until(async () => (await paymentOfOrder(first, context.orderId)) !== undefined)
    await kill(first)
    await first.sandbox.dial('card_a', { outage: 'none' })

    // Nobody asks the new one: its alarm alone brings the payment to its end.
    const second = await again()
    expect(await second.sandbox.ledger(context.orderId)).toEqual([])
    await until(async () => (await second.sandbox.ledger(context.orderId)).length > 0, TAKEN_OVER_MS)
    const found = await paymentOfOrder(second, context.orderId)
    await paymentOnce(second, found?.id ?? '', 'succeeded')
    expect(await second.sandbox.ledger(context.orderId)).toEqual(['card_b charged 129900'])
    await second.stop()
    await first.stop()
  })

  it.concurrent('at any moment of many payments: each order is charged once, whoever asks again', async () => {
    const { first, again } = await startKillable()
    const orders = Array.from({ length: 60 }, () => contextOf())
    orders.forEach((context, i) => {
      setTimeout(() => payDoomed(first, context, context.orderId), i * 3)
    })
    await new Promise(resolve => setTimeout(resolve, 110))
    await kill(first)

    const second = await again()
    const ends = await Promise.all(
      orders.map(async context => {
        const repeat = () => pay(second, context, { headers: { 'idempotency-key': context.orderId } })
        const end = Date.now() + TAKEN_OVER_MS
        let answer = await repeat()
        while (answer.body.status !== 'succeeded' && Date.now() < end) {
          await new Promise(resolve => setTimeout(resolve, 500))
          answer = await repeat()
        }
        return answer.body.status
      }),
    )
    expect(ends).toEqual(orders.map(() => 'succeeded'))
    expect(await second.sandbox.ordersPaidTwice()).toEqual([])
    for (const { orderId } of orders) expect(await second.sandbox.ledger(orderId)).toHaveLength(1)
    await second.stop()
    await first.stop()
  })
})
