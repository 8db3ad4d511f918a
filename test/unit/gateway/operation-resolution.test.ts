import { describe, expect, it } from 'vitest'
import { operate } from '../../../src/gateway/operations.ts'
import { resolveDue } from '../../../src/gateway/resolve.ts'
import type { RefundResult } from '../../../src/ports/connector.ts'
import { buildTestGateway } from '../../support/gateway.ts'

const unsent: RefundResult = { kind: 'not_sent', cause: 'ECONNREFUSED' }

/** A succeeded payment with a refund that the upstream has made and whose answer was lost with its process. */
async function refundWithoutRecord(query: readonly RefundResult[]) {
  const test = buildTestGateway()
  const payment = await test.paid()
  const connector = test.connector('card_a')
  let asked = 0
  let refunds = 0
  Object.assign(connector, {
    refund: async (): Promise<RefundResult> => {
      refunds++
      return { kind: 'approved' }
    },
    queryRefund: async (): Promise<RefundResult> => query[Math.min(asked++, query.length - 1)] ?? unsent,
  })
  // Sent, and then the process is gone: the intent is written, and its outcome never is.
  const { journal } = test.gateway.ports
  let saves = 0
  const dying = new Proxy(journal, {
    get: (target, name) => {
      if (name === 'save' && ++saves > 1) return () => Promise.reject(new Error('the process is gone'))
      return Reflect.get(target, name) as unknown
    },
  })
  const key = { key: 'refund-1', fingerprint: 'f' }
  const ports = { ...test.gateway.ports, journal: dying }
  await operate(
    { ...test.gateway, ports },
    { tenant: 'demo', payment: payment.id, kind: 'refund', key },
  ).catch(() => undefined)
  const resolve = async (rounds: number, everyMs = 60_000): Promise<string | undefined> => {
    for (let round = 0; round < rounds; round++) {
      await test.clock.advance(everyMs)
      await resolveDue(test.gateway, test.facts)
    }
    return (await journal.find('demo', payment.id))?.payment.operations[0]?.status
  }
  const due = () => journal.claimDue(10, 1_000)
  return { resolve, refunds: () => refunds, due }
}

describe('a refund whose answer was lost', () => {
  it('is not taken for failed because the question about it did not leave', async () => {
    const test = await refundWithoutRecord([unsent])
    expect(await test.resolve(3)).toBe('unknown')
  })

  it('is settled by the answer once the question leaves, without being made again', async () => {
    const test = await refundWithoutRecord([unsent, unsent, { kind: 'approved' }])
    expect(await test.resolve(5)).toBe('succeeded')
    expect(test.refunds()).toBe(1)
  })

  it('is for a person after a day without an answer, and is asked about no more', async () => {
    const test = await refundWithoutRecord([unsent])
    expect(await test.resolve(24, 3_500_000)).toBe('unknown')
    expect(await test.resolve(3, 3_600_000)).toBe('manual')
    expect(await test.due()).toEqual([])
  })

  it('has a month where the upstream is at work on it', async () => {
    const test = await refundWithoutRecord([{ kind: 'processing' }])
    expect(await test.resolve(29, 24 * 3_600_000)).toBe('processing')
    expect(await test.resolve(3, 24 * 3_600_000)).toBe('manual')
  })

  it('is made again only when the upstream does not know it', async () => {
    const test = await refundWithoutRecord([{ kind: 'not_found' }])
    expect(await test.resolve(1)).toBe('succeeded')
    expect(test.refunds()).toBe(2)
  })
})
