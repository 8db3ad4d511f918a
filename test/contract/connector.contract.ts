import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Money } from '../../src/core/payment/money.ts'
import type { UpstreamResult } from '../../src/core/payment/outcome.ts'
import type { Connector, PayRequest } from '../../src/ports/connector.ts'

/** What the upstream is to do with one payment. */
export type UpstreamBehaviour =
  | 'approve'
  | 'decline_funds'
  | 'processing_then_approved'
  | 'requires_action'
  /** Charged, and no answer ever. */
  | 'charge_in_silence'
  /** Charged, and the answer comes after `slowMs`. */
  | 'charge_slowly'
  /** Charged, and the connection breaks instead of an answer. */
  | 'charge_and_reset'
  /** Charged, and the answer is a server error. */
  | 'charge_and_fail'
  | 'charge_and_answer_garbage'
  | 'charge_and_answer_half'
  | 'charge_and_answer_too_much'
  | 'charge_and_redirect'
  | 'charge_and_echo_wrong_amount'
  | 'charge_and_echo_wrong_reference'
  /** A refusal that itself says that the outcome is unknown. */
  | 'charge_and_say_unknown'
  | 'rate_limit'
  | 'refund_processing'
  | 'refund_declined'

/** An upstream under the tester's control, and the connector that speaks to it. */
export interface ConnectorBench {
  readonly connector: Connector
  readonly amount: Money
  /** Longer than any timeout used here, shorter than the connector listens for late answers. */
  readonly slowMs: number
  /** Arranges for the behaviour, and gives back the request that will meet it. */
  readonly arrange: (request: PayRequest, behaviour: UpstreamBehaviour) => PayRequest | Promise<PayRequest>
  /** How often the upstream charged or authorized under this reference, by its own ledger. */
  readonly charges: (reference: string) => Promise<number>
  /** Nothing listens any more. */
  readonly shutDown: () => Promise<void>
  readonly startAgain: () => Promise<void>
}

const TIMEOUT = { timeoutMs: 400 }

/**
 * What every connector promises, for whoever writes one: call it inside a `describe` with an upstream that behaves on
 * request. It holds the two errors apart that cost money: telling a charge as not made, and the other way round.
 */
export function connectorContract(bench: () => ConnectorBench): void {
  const setup = async (behaviour: UpstreamBehaviour, more: Partial<PayRequest> = {}) => {
    const { connector, amount, arrange, ...rest } = bench()
    const reference = randomBytes(16).toString('hex')
    const plain: PayRequest = {
      reference,
      orderId: `o-${reference}`,
      amount,
      capture: 'automatic',
      payer: 'u-1',
      expiresAt: Date.now() + 60_000,
      ...more,
    }
    return { ...rest, connector, amount, reference, request: await arrange(plain, behaviour) }
  }

  it('tells an approval with the amount asked for', async () => {
    const { connector, request, amount, reference, charges } = await setup('approve')
    const result = await connector.pay(request, { timeoutMs: 5_000 })
    expect(result).toMatchObject({ kind: 'approved', amount })
    expect(await charges(reference)).toBe(1)
  })

  it('tells an authorization when capture is manual, and captures and voids it', async () => {
    const { connector, request, amount, reference } = await setup('approve', { capture: 'manual' })
    expect(await connector.pay(request, { timeoutMs: 5_000 })).toMatchObject({ kind: 'authorized', amount })
    const part = { ...amount, value: amount.value - 1 }
    expect(await connector.capture(reference, 'c-1', part, { timeoutMs: 5_000 })).toEqual({
      kind: 'approved',
    })
    const tooMuch = await connector.capture(reference, 'c-2', amount, { timeoutMs: 5_000 })
    expect(tooMuch.kind).toBe('declined')
    const again = await connector.capture(reference, 'c-1', part, { timeoutMs: 5_000 })
    expect(again).toEqual({ kind: 'approved' })
  })

  it('tells a refusal with its category, and nothing was charged', async () => {
    const { connector, request, reference, charges } = await setup('decline_funds')
    const result = await connector.pay(request, { timeoutMs: 5_000 })
    expect(result).toMatchObject({ kind: 'declined', category: 'insufficient_funds' })
    expect(await charges(reference)).toBe(0)
  })

  it('tells that a payment is still processing, and later how it ended', async () => {
    const { connector, request, amount, reference } = await setup('processing_then_approved')
    expect((await connector.pay(request, { timeoutMs: 5_000 })).kind).toBe('processing')
    await expect
      .poll(async () => (await connector.query(reference, amount, { timeoutMs: 5_000 })).kind, {
        timeout: 10_000,
      })
      .toBe('approved')
  })

  it('hands on what the payer has to do', async () => {
    const { connector, request } = await setup('requires_action', { returnUrl: 'https://shop.example/back' })
    const result = await connector.pay(request, { timeoutMs: 5_000 })
    expect(result).toMatchObject({
      kind: 'requires_action',
      nextAction: { type: expect.any(String), expiresAt: expect.any(Number) },
    })
  })

  it.each([
    ['charge_in_silence', 'timeout'],
    ['charge_and_reset', 'connection'],
    ['charge_and_fail', 'upstream_error'],
    ['charge_and_answer_garbage', 'unreadable'],
    ['charge_and_answer_half', undefined],
    ['charge_and_answer_too_much', 'unreadable'],
    ['charge_and_redirect', 'upstream_error'],
    ['charge_and_echo_wrong_amount', 'mismatch'],
    ['charge_and_echo_wrong_reference', 'mismatch'],
    ['charge_and_say_unknown', 'upstream_error'],
    ['rate_limit', 'upstream_error'],
  ] as const)('%s: unknown, never a refusal; sent once', async (behaviour, cause) => {
    const { connector, request, reference, charges } = await setup(behaviour)
    const result = await connector.pay(request, TIMEOUT)
    expect(result).toEqual({ kind: 'unknown', cause: cause ?? expect.any(String) })
    expect(await charges(reference)).toBe(behaviour === 'rate_limit' ? 0 : 1)
  })

  it('finds by a query what a lost answer hid', async () => {
    const { connector, request, amount, reference } = await setup('charge_in_silence')
    expect((await connector.pay(request, TIMEOUT)).kind).toBe('unknown')
    const found = await connector.query(reference, amount, { timeoutMs: 5_000 })
    expect(found).toMatchObject({ kind: 'approved', amount })
  })

  it('does not believe a query that answers for another amount', async () => {
    const { connector, request, amount, reference } = await setup('approve')
    await connector.pay(request, { timeoutMs: 5_000 })
    const other = { ...amount, value: amount.value + 1 }
    const result = await connector.query(reference, other, { timeoutMs: 5_000 })
    expect(result).toEqual({ kind: 'unknown', cause: 'mismatch' })
  })

  it('tells a reference that the upstream does not know', async () => {
    const { connector, amount } = bench()
    const nobody = randomBytes(16).toString('hex')
    expect(await connector.query(nobody, amount, { timeoutMs: 5_000 })).toEqual({ kind: 'not_found' })
    expect(await connector.cancel(nobody, 'reverse', { timeoutMs: 5_000 })).toEqual({ kind: 'not_found' })
    expect((await connector.queryRefund(nobody, 'r', amount, { timeoutMs: 5_000 })).kind).toBe('not_found')
  })

  it('cancels a payment, and says when it is too late to close it', async () => {
    const { connector, request, reference } = await setup('approve')
    await connector.pay(request, { timeoutMs: 5_000 })
    expect(await connector.cancel(reference, 'close', { timeoutMs: 5_000 })).toEqual({ kind: 'already_paid' })
    expect(await connector.cancel(reference, 'reverse', { timeoutMs: 5_000 })).toEqual({ kind: 'canceled' })
  })

  it('refunds, and the same refund reference is the same refund', async () => {
    const { connector, request, amount, reference } = await setup('approve')
    await connector.pay(request, { timeoutMs: 5_000 })
    const refunds = randomBytes(16).toString('hex')
    const again = () => connector.refund(reference, refunds, amount, { timeoutMs: 5_000 })
    expect(await again()).toEqual({ kind: 'approved' })
    expect(await again()).toEqual({ kind: 'approved' })
    expect(await connector.queryRefund(reference, refunds, amount, { timeoutMs: 5_000 })).toEqual({
      kind: 'approved',
    })
    const second = await connector.refund(reference, `${refunds.slice(1)}0`, amount, { timeoutMs: 5_000 })
    expect(second.kind).toBe('declined')
  })

  it.each([
    ['refund_processing', 'processing'],
    ['refund_declined', 'declined'],
  ] as const)('%s is told as %s', async (behaviour, kind) => {
    const { connector, request, amount, reference } = await setup(behaviour)
    await connector.pay(request, { timeoutMs: 5_000 })
    const result = await connector.refund(reference, randomBytes(16).toString('hex'), amount, {
      timeoutMs: 5_000,
    })
    expect(result.kind).toBe(kind)
  })

  it('sends the same bytes for the same request: a resend meets its first answer', async () => {
    const { connector, request, reference, charges } = await setup('approve')
    const first = await connector.pay(request, { timeoutMs: 5_000 })
    const shuffled = Object.fromEntries(Object.entries(request).reverse()) as unknown as PayRequest
    expect(await connector.pay(shuffled, { timeoutMs: 5_000 })).toEqual(first)
    expect(await charges(reference)).toBe(1)
  })

  it('settles at its deadline and still delivers the late answer', async () => {
    const { connector, request, amount, slowMs } = await setup('charge_slowly')
    const late: UpstreamResult[] = []
    const result = await connector.pay(request, { ...TIMEOUT, onLate: each => late.push(each) })
    expect(result).toEqual({ kind: 'unknown', cause: 'timeout' })
    expect(late).toEqual([])
    await expect.poll(() => late.length, { timeout: slowMs + 2_000 }).toBe(1)
    expect(late[0]).toMatchObject({ kind: 'approved', amount })
  })

  it('never rejects and never claims a refusal when nothing listens', async () => {
    const { connector, request, amount, reference, shutDown, startAgain } = await setup('approve')
    await shutDown()
    try {
      const results = await Promise.all([
        connector.pay(request, TIMEOUT),
        connector.query(reference, amount, TIMEOUT),
        connector.cancel(reference, 'close', TIMEOUT),
        connector.capture(reference, 'c', amount, TIMEOUT),
        connector.refund(reference, 'r', amount, TIMEOUT),
        connector.queryRefund(reference, 'r', amount, TIMEOUT),
      ])
      for (const { kind } of results) expect(['not_sent', 'unknown']).toContain(kind)
      expect((await connector.ping(TIMEOUT)).ok).toBe(false)
    } finally {
      await startAgain()
    }
  })

  it('answers a ping while the upstream is there', async () => {
    expect(await bench().connector.ping({ timeoutMs: 5_000 })).toMatchObject({ ok: true })
  })
}
