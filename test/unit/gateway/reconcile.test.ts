import { describe, expect, it } from 'vitest'
import type { UpstreamResult } from '../../../src/core/payment/outcome.ts'
import type { Payment } from '../../../src/core/payment/payment.ts'
import { keptValue, publicStatus } from '../../../src/core/payment/view.ts'
import { askAboutOpen, distrustOpenAttempts } from '../../../src/gateway/open-after-restore.ts'
import { operate } from '../../../src/gateway/operations.ts'
import { reconcile } from '../../../src/gateway/reconcile.ts'
import { recover } from '../../../src/gateway/recover.ts'
import { LocalService } from '../../../src/gateway/service.ts'
import type { UpstreamRecord } from '../../../src/gateway/upstream-record.ts'
import { buildTestGateway, cardRoutes } from '../../support/gateway.ts'
import { CNY } from '../../support/samples.ts'
import type { ConnectorScript } from '../../support/scripted-connector.ts'

const TIMEOUT: UpstreamResult = { kind: 'unknown', cause: 'timeout' }
const AMOUNT = { currency: 'CNY', value: 100_000 }
const APPROVED: UpstreamResult = { kind: 'approved', amount: AMOUNT }
const LOST = 'a'.repeat(32)

function restored(script: Readonly<Record<string, ConnectorScript>> = {}) {
  const test = buildTestGateway({ connectorScripts: script })
  const { journal } = test.gateway.ports
  return {
    test,
    read: async (id: string): Promise<Payment> => (await journal.find('demo', id))?.payment as Payment,
    ofOrder: async (orderId: string) =>
      (await journal.findByOrder('demo', orderId, 9)).map(({ payment }) => payment),
    reconcile: (change: Partial<UpstreamRecord>) =>
      reconcile(test.gateway, {
        route: 'card_a',
        reference: LOST,
        orderId: 'o-1',
        status: 'approved',
        amount: AMOUNT,
        ...change,
      }),
  }
}

describe('a charge that the restored journal does not know', () => {
  const asked = { card_a: { pay: [TIMEOUT], query: [APPROVED] } }

  it('becomes another attempt of the payment that was open, which then is paid and tries nothing else', async () => {
    const {
      test,
      read,
      reconcile: bring,
    } = restored({ card_a: { pay: [TIMEOUT] }, card_b: { query: [APPROVED] } })
    const { id } = await test.elapse(test.paid())
    expect(await bring({ route: 'card_b', providerReference: 'b-1' })).toEqual({ kind: 'adopted' })
    expect(await read(id)).toMatchObject({ result: 'succeeded', winner: LOST })
    expect(await bring({ route: 'card_b' })).toEqual({ kind: 'known' })
    expect(test.connector('card_b').sends).toEqual([])
  })

  it('becomes a payment of its own, which keeps the order from being paid again', async () => {
    const { test, ofOrder, reconcile: bring } = restored(asked)
    expect(await bring({})).toEqual({ kind: 'recreated' })
    expect(await bring({})).toEqual({ kind: 'known' })
    const [lost] = await ofOrder('o-1')
    expect(lost).toMatchObject({ result: 'succeeded', winner: LOST })
    expect(await test.pay()).toMatchObject({
      kind: 'conflict',
      code: 'order_already_paid',
      payment: lost?.id,
    })
    expect(test.sends()).toBe(0)
  })

  it('is authorized, not captured, where the upstream only holds the money', async () => {
    const { ofOrder, reconcile: bring } = restored({
      card_a: { query: [{ kind: 'authorized', amount: AMOUNT }] },
    })
    expect(await bring({ status: 'authorized' })).toEqual({ kind: 'recreated' })
    expect((await ofOrder('o-1')).map(publicStatus)).toEqual(['authorized'])
  })

  it('waits for a person when its order is paid otherwise', async () => {
    const { test, read, reconcile: bring } = restored({ card_b: { query: [APPROVED] } })
    const { id } = await test.paid()
    expect(await bring({ route: 'card_b' })).toEqual({ kind: 'manual', reason: 'order_paid_otherwise' })
    expect((await read(id)).obligations).toEqual([])
  })

  it.each([
    ['amount_differs', { amount: { currency: 'CNY', value: 1 } }, APPROVED],
    ['upstream_disagrees', {}, { kind: 'not_found' }],
    ['upstream_disagrees', {}, { kind: 'unknown', cause: 'mismatch' }],
    ['upstream_unreachable', {}, TIMEOUT],
    ['route_unknown', { route: 'gone' }, APPROVED],
    ['tenant_unknown', { tenant: 'nobody' }, APPROVED],
  ] as const)('waits for a person: %s', async (reason, change, told) => {
    const { test, reconcile: bring } = restored({ card_a: { pay: [TIMEOUT], query: [told] } })
    await test.elapse(test.paid())
    expect(await bring(change)).toEqual({ kind: 'manual', reason })
  })

  it('is nothing to worry about when nothing was taken', async () => {
    const { reconcile: bring } = restored()
    expect(await bring({ status: 'declined' })).toEqual({ kind: 'no_money' })
    expect(await bring({ status: 'refunded' })).toEqual({ kind: 'manual', reason: 'payment_unknown' })
  })
})

describe('what was done with a known payment after the backup', () => {
  it('is refunded as often as the upstream has, and no more', async () => {
    const { test, read, reconcile: bring } = restored()
    const { id, attempts } = await test.paid()
    const [reference, operationReference] = [attempts[0]?.reference ?? '', 'b'.repeat(32)]
    const refund = { reference, status: 'refunded', operationReference } as const
    const part = { ...refund, amount: { currency: 'CNY', value: 60_000 } }
    expect(await bring(part)).toEqual({ kind: 'updated' })
    expect(await bring(part)).toEqual({ kind: 'known' })
    expect((await read(id)).operations).toMatchObject([{ kind: 'refund', status: 'succeeded' }])
    const misfit = { kind: 'manual', reason: 'operation_does_not_fit' }
    expect(await bring({ ...part, operationReference: 'c'.repeat(32) })).toEqual(misfit)
    expect(await bring({ ...refund, amount: AMOUNT })).toEqual(misfit)
    expect(await bring({ reference, status: 'refunded' })).toEqual(misfit)
  })

  it('is captured or voided when the upstream says so, without an alarm', async () => {
    for (const [status, expected] of [
      ['captured', 'succeeded'],
      ['canceled', 'canceled'],
    ] as const) {
      const {
        test,
        read,
        reconcile: bring,
      } = restored({
        card_a: { pay: [{ kind: 'authorized', amount: AMOUNT }] },
      })
      const { id, attempts } = await test.paid({ context: { capture: 'manual' } })
      const reference = attempts[0]?.reference ?? ''
      await bring({ reference, status, operationReference: 'b'.repeat(32) })
      const after = await read(id)
      expect([publicStatus(after), after.manual]).toEqual([expected, undefined])
    }
  })

  describe('of which a part was captured', () => {
    async function held() {
      const {
        test,
        read,
        reconcile: bring,
      } = restored({
        card_a: { pay: [{ kind: 'authorized', amount: AMOUNT }] },
      })
      const { id, attempts } = await test.paid({ context: { capture: 'manual' } })
      const reference = attempts[0]?.reference ?? ''
      const captured = (hex: string, change: Partial<UpstreamRecord> = {}) =>
        ({
          route: 'card_a',
          orderId: 'o-1',
          reference,
          status: 'captured',
          operationReference: hex.repeat(32),
          amount: { currency: 'CNY', value: 40_000 },
          ...change,
        }) as const
      const key = { key: 'cap-next', fingerprint: 'f' }
      const next = () =>
        operate(test.gateway, { tenant: 'demo', payment: id, kind: 'capture', amount: CNY(1), key })
      return { test, read: () => read(id), bring, captured, next }
    }

    it('is the last one where the record says so: what it leaves is given back, and nothing more is captured', async () => {
      const { read, bring, captured, next } = await held()
      expect(await bring(captured('b', { final: true }))).toEqual({ kind: 'updated' })
      const after = await read()
      expect([after.operations[0]?.final, keptValue(after)]).toEqual([true, 40_000])
      expect(await next()).toEqual({ kind: 'refused', code: 'state_conflict' })
    })

    it('is taken for one that more may follow where no record says so, until one does', async () => {
      const { read, bring, captured, next } = await held()
      await bring(captured('b'))
      expect(keptValue(await read())).toBeUndefined()
      expect(await bring(captured('b', { final: true }))).toEqual({ kind: 'updated' })
      expect(await bring(captured('b'))).toEqual({ kind: 'known' })
      expect(keptValue(await read())).toBe(40_000)
      expect(await next()).toEqual({ kind: 'refused', code: 'state_conflict' })
    })

    it('is told in any order of the file', async () => {
      const { test, read, captured } = await held()
      await recover(test.gateway, { kind: 'hold', sinceAt: 0 })
      const refunded = captured('d', { status: 'refunded' })
      const records = [refunded, captured('b', { final: true }), captured('c')]
      const { waiting } = await recover(test.gateway, { kind: 'records', records, routes: [] })
      expect(waiting).toEqual([])
      expect(keptValue(await read())).toBe(80_000)
    })

    it('needs a person where a refund is said to be the last capture', async () => {
      const { bring, captured } = await held()
      await bring(captured('b'))
      const misfit = { kind: 'manual', reason: 'operation_does_not_fit' }
      expect(await bring(captured('d', { status: 'refunded', final: true }))).toEqual(misfit)
    })
  })

  it('is not taken from a record of another order, route or amount', async () => {
    const { test, reconcile: bring } = restored()
    const { attempts } = await test.paid()
    const reference = attempts[0]?.reference ?? ''
    expect(await bring({ reference, orderId: 'o-2' })).toMatchObject({ reason: 'order_differs' })
    expect(await bring({ reference, route: 'card_b' })).toMatchObject({ reason: 'order_differs' })
    const amount = { currency: 'CNY', value: 1 }
    expect(await bring({ reference, amount })).toMatchObject({ reason: 'amount_differs' })
  })

  it('is not concluded to be absent from what was known of sends before the hold', async () => {
    const { test, read } = restored({ card_a: { pay: [TIMEOUT], query: [{ kind: 'not_found' }] } })
    const { id } = await test.elapse(test.paid())
    await test.clock.advance(10 * 60_000)
    // It was sent again after the backup, and nothing here knows of it.
    await distrustOpenAttempts(test.gateway, test.clock.now())
    await askAboutOpen(test.gateway)
    expect((await read(id)).attempts[0]?.status).toBe('unknown')
    await test.clock.advance(10 * 60_000)
    await askAboutOpen(test.gateway)
    expect((await read(id)).attempts[0]?.status).toBe('absent')
  })
})

describe('the hold', () => {
  it('ends when the time is over and every route has told, and not before', async () => {
    const { test } = restored()
    const { gateway, clock } = test
    await expect(recover(gateway, { kind: 'release', acceptMissing: true })).rejects.toThrow(
      /nothing is held/,
    )
    await expect(recover(gateway, { kind: 'records', records: [], routes: [] })).rejects.toThrow(/--since/)
    await recover(gateway, { kind: 'hold', sinceAt: clock.now() - 1_000 })
    const release = (acceptMissing: boolean) => recover(gateway, { kind: 'release', acceptMissing })
    expect((await release(true)).recovery?.phase).toBe('held')
    const settleMs = Math.max(...cardRoutes().map(({ capability }) => capability.settleWindowMs ?? 0))
    await clock.advance(settleMs + 10_000)
    expect((await release(false)).missing).toEqual([
      expect.stringContaining('the records of card_a since'),
      expect.stringContaining('the records of card_b since'),
    ])
    const wrong = {
      route: 'gone',
      reference: LOST,
      orderId: 'o',
      status: 'approved',
      amount: AMOUNT,
    } as const
    await recover(gateway, { kind: 'records', records: [wrong], routes: ['card_a', 'card_b'] })
    const still = await release(false)
    expect([still.recovery?.phase, still.waiting.length]).toEqual(['held', 1])
    expect((await release(true)).recovery?.phase).toBe('released')
  })

  it('keeps back every use case that could send, and only those', async () => {
    const { test } = restored()
    const { id } = await test.paid()
    const service = new LocalService({ ...test.gateway, held: () => true })
    const key = { key: 'k', fingerprint: 'f' }
    const command = { tenant: 'demo', payment: id, key }
    const sends = [
      service.pay(test.command({ key: 'key-2', context: { orderId: 'o-2' } })),
      service.operate({ ...command, kind: 'refund' }),
      service.cancel(command),
      service.switchTender({ ...command, to: { tender: 'card' } }),
      service.payThrough(test.command({ key: 'key-3' }), () => Promise.reject(new Error('passed on'))),
    ]
    for (const send of await Promise.allSettled(sends)) {
      expect(send).toMatchObject({ status: 'rejected', reason: { name: 'SendsHeld' } })
    }
    expect(test.sends()).toBe(1)
    expect((await service.payment('demo', id))?.result).toBe('succeeded')
  })
})
