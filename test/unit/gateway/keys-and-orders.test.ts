import { describe, expect, it } from 'vitest'
import { begin } from '../../../src/gateway/begin.ts'
import type { Sending } from '../../../src/gateway/step.ts'
import { approved, declined, processing } from '../../support/evidence.ts'
import { buildTestGateway, type TestGateway } from '../../support/gateway.ts'
import { accepting, CNY } from '../../support/samples.ts'
import type { ScriptedAnswer } from '../../support/scripted-connector.ts'

const answering = (...pay_: ScriptedAnswer[]) => ({ connectorScripts: { card_a: { pay: pay_ } } })

async function began(test: TestGateway): Promise<Sending> {
  const step = await begin(test.gateway, test.facts, test.command())
  if (step.kind !== 'send') throw new Error('expected to be asked to send')
  return step
}

describe('the idempotency key', () => {
  it('gives the same answer again, and sends nothing', async () => {
    const test = buildTestGateway()
    const first = await test.pay()
    expect(await test.pay()).toEqual({ ...first, replayed: true })
    expect(test.sends()).toBe(1)
  })

  it('never executes with another request', async () => {
    const test = buildTestGateway()
    await test.pay()
    expect(await test.pay({ fingerprint: 'f-2', context: { orderId: 'o-2' } })).toEqual({
      kind: 'conflict',
      code: 'idempotency_key_reused',
    })
    expect(test.sends()).toBe(1)
  })

  it('is refused while the first request is at work, and answered with the state once that must be over', async () => {
    const test = buildTestGateway()
    const { session } = await began(test)
    expect(await test.pay()).toEqual({
      kind: 'conflict',
      code: 'request_in_progress',
      payment: session.payment.id,
    })
    await test.clock.advance(8_000)
    expect(await test.pay()).toMatchObject({
      kind: 'answer',
      replayed: true,
      payment: { id: session.payment.id },
    })
    expect(test.sends()).toBe(0)
  })

  it('charges once for 50 submits at once', async () => {
    const test = buildTestGateway()
    const answers = await Promise.all(Array.from({ length: 50 }, () => test.pay()))
    expect(test.sends()).toBe(1)
    expect(answers.filter(answer => answer.kind === 'answer' && !answer.replayed)).toHaveLength(1)
    for (const answer of answers) {
      if (answer.kind === 'conflict') expect(answer.code).toBe('request_in_progress')
    }
  })

  it('belongs to one tenant’s payment for ever: another order under it is refused after the end too', async () => {
    const test = buildTestGateway({
      connectorScripts: { card_a: { pay: [declined] }, card_b: { pay: [declined] } },
    })
    const first = await test.pay()
    await test.clock.advance(30 * 86_400_000)
    expect(await test.pay()).toEqual({ ...first, replayed: true })
  })
})

describe('one payment per order', () => {
  it('joins another key that asks for the same, and binds it for good', async () => {
    const test = buildTestGateway(answering(processing))
    const first = await test.paid()
    expect((await test.paid({ key: 'key-2' })).id).toBe(first.id)
    expect(await test.pay({ key: 'key-2', fingerprint: 'f-2' })).toMatchObject({
      code: 'idempotency_key_reused',
    })
    expect((await test.gateway.ports.journal.findByKey('demo', 'key-2'))?.stored.payment.id).toBe(first.id)
    expect(test.sends()).toBe(1)
  })

  it.each([
    ['another amount', { amount: CNY(1) }],
    ['another payer', { payer: { id: 'u-2' } }],
    ['other accepted tenders', { funding: accepting('card', 'wallet') }],
    ['another term', { funding: { accept: [{ tender: 'card', instalments: 3 }] } }],
    ['another capture', { capture: 'manual' }],
  ] as const)('refuses %s while it is live, and after it is paid', async (_name, context) => {
    const live = buildTestGateway(answering(processing))
    const { id } = await live.paid()
    expect(await live.pay({ key: 'key-2', context: context as never })).toEqual({
      kind: 'conflict',
      code: 'order_in_progress',
      payment: id,
    })
    const done = buildTestGateway()
    const { id: paidId } = await done.paid()
    expect(await done.pay({ key: 'key-2', context: context as never })).toEqual({
      kind: 'conflict',
      code: 'order_already_paid',
      payment: paidId,
    })
    expect([live.sends(), done.sends()]).toEqual([1, 1])
  })

  it('frees the order when it ended without money', async () => {
    const test = buildTestGateway({
      connectorScripts: { card_a: { pay: [declined, approved()] }, card_b: { pay: [declined] } },
    })
    const first = await test.paid()
    const second = await test.paid({ key: 'key-2' })
    expect([first.result, second.result]).toEqual(['declined', 'succeeded'])
    expect(second.id).not.toBe(first.id)
  })

  it('charges once for 50 submits at once under different keys', async () => {
    const test = buildTestGateway()
    await Promise.all(Array.from({ length: 50 }, (_, i) => test.pay({ key: `key-${i}` })))
    expect(test.sends()).toBe(1)
  })
})
