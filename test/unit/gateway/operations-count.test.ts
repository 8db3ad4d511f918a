import { describe, expect, it } from 'vitest'
import { OPERATIONS_MAX } from '../../../src/core/payment/operation.ts'
import { operate } from '../../../src/gateway/operations.ts'
import { authorized } from '../../support/evidence.ts'
import { buildTestGateway } from '../../support/gateway.ts'
import { CNY } from '../../support/samples.ts'

describe('the captures and refunds of one payment', () => {
  it('are so many and no more, and those that were made are answered again', async () => {
    const test = buildTestGateway({ connectorScripts: { card_a: { pay: [authorized()] } } })
    const { id } = await test.paid({ context: { capture: 'manual' } })
    const make = (number: number) => {
      const key = { key: `op-${number}`, fingerprint: `f-${number}` }
      const kind = number % 2 === 0 ? ('capture' as const) : ('refund' as const)
      return operate(test.gateway, { tenant: 'demo', payment: id, kind, amount: CNY(1), key })
    }
    for (let number = 0; number < OPERATIONS_MAX; number++) {
      expect(await make(number)).toMatchObject({ kind: 'done', replayed: false })
    }
    const refused = { kind: 'refused', code: 'state_conflict' }
    expect([await make(OPERATIONS_MAX), await make(OPERATIONS_MAX + 1)]).toEqual([refused, refused])
    expect(await make(0)).toMatchObject({ kind: 'done', replayed: true, operation: { kind: 'capture' } })
    const stored = await test.gateway.ports.journal.find('demo', id)
    expect(stored?.payment.operations).toHaveLength(100)
  })
})
