import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { startTarget } from './harness.ts'
import { contextOf, pay, type ProblemView, quoteFor } from './payments.ts'
import type { Target } from './target.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.stop())
afterEach(() => {
  vi.useRealTimers()
})

/** The gateway runs in this process, so its wall clock can be moved. */
const inSeconds = (seconds: number) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })
}

describe('a quote', () => {
  it('stands until it expires, and then needs a new one', async () => {
    const context = contextOf({ payer: { id: 'u-patient' } })
    const quote = await quoteFor(target, context)
    const body = { ...context, funding: { accept: [{ tender: 'credit', quote }] } }
    inSeconds(901)
    const late = await pay<ProblemView>(target, body)
    expect([late.status, late.body.code]).toEqual([409, 'quote_changed'])
    vi.useRealTimers()
    inSeconds(890)
    expect((await pay(target, body)).body.status).toBe('succeeded')
  })

  it('that has expired does not stand in the way of a repetition', async () => {
    const context = contextOf({ payer: { id: 'u-repeats' } })
    const quote = await quoteFor(target, context)
    const body = { ...context, funding: { accept: [{ tender: 'credit', quote }] } }
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const first = await pay(target, body, { headers })
    inSeconds(901)
    const again = await pay(target, body, { headers })
    expect([again.status, again.text]).toEqual([first.status, first.text])
  })
})
