import { describe, expect, it } from 'vitest'
import type { Resolution } from '../../../src/core/payment/intervention.ts'
import type { UpstreamResult } from '../../../src/core/payment/outcome.ts'
import type { Payment } from '../../../src/core/payment/payment.ts'
import { recordEvidence } from '../../../src/gateway/evidence.ts'
import {
  confirmResolution,
  type InterventionResult,
  PROPOSAL_MS,
  proposeResolution,
  withdrawResolution,
} from '../../../src/gateway/intervene.ts'
import { resolveDue } from '../../../src/gateway/resolve.ts'
import { buildTestGateway } from '../../support/gateway.ts'
import { sampleRoute } from '../../support/samples.ts'
import type { ConnectorScript } from '../../support/scripted-connector.ts'

const TIMEOUT: UpstreamResult = { kind: 'unknown', cause: 'timeout' }
const DAY_MS = 24 * 3_600_000

/** A route about which nothing can ever be found out: neither resent, asked nor cancelled. */
const MUTE = sampleRoute('mute', {
  capability: {
    queryable: false,
    cancel: [],
    idempotency: { mode: 'none', retentionHours: 0, replaysErrors: false },
  },
})

async function stuck(script: ConnectorScript = { pay: [TIMEOUT] }, routes = [MUTE]) {
  const test = buildTestGateway({ routes, connectorScripts: { [routes[0]?.id ?? '']: script } })
  const { id } = await test.paid()
  for (let round = 0; round < 4; round++) {
    await test.clock.advance(DAY_MS)
    await resolveDue(test.gateway, test.facts)
  }
  const { journal } = test.gateway.ports
  const read = async (): Promise<Payment> => (await journal.find('demo', id))?.payment as Payment
  const payment = await read()
  const reference = payment.attempts[0]?.reference ?? ''
  const where = { tenant: 'demo', payment: id }
  return {
    test,
    read,
    reference,
    amount: payment.context.amount,
    propose: (resolution: Resolution, operator = 'ann') =>
      proposeResolution(test.gateway, { ...where, operator, resolution, reason: 'told by the bank' }),
    confirm: (proposal: string, operator = 'bob') =>
      confirmResolution(test.gateway, test.facts, { ...where, operator, proposal }),
    withdraw: (proposal: string, operator = 'bob') =>
      withdrawResolution(test.gateway, { ...where, operator, proposal }),
    history: () => journal.history('demo', id),
  }
}

function proposalOf(result: InterventionResult): string {
  if (result.kind !== 'done') throw new Error(`expected a proposal, not ${result.kind}`)
  return result.payment.intervention?.id ?? ''
}

describe('a payment that waits for a person', () => {
  it('is paid when two people say so, and the history tells who and why', async () => {
    const { read, propose, confirm, reference, amount, history } = await stuck()
    expect(await read()).toMatchObject({ manual: 'route_cannot_tell' })
    const paid: Resolution = { kind: 'approved', reference, amount, providerReference: 'bank-7' }
    const proposal = proposalOf(await propose(paid))
    expect((await read()).result).toBeUndefined()
    expect((await confirm(proposal)).kind).toBe('done')
    const after = await read()
    expect(after).toMatchObject({ result: 'succeeded', winner: reference })
    expect(after.manual).toBeUndefined()
    expect(after.attempts[0]).toMatchObject({ status: 'approved', providerReference: 'bank-7' })
    const told = (await history()).flatMap(({ body }) => {
      const { intervention } = JSON.parse(body) as Payment
      return intervention === undefined
        ? []
        : [[intervention.status, intervention.proposedBy, intervention.decidedBy]]
    })
    expect(told).toEqual([
      ['proposed', 'ann', undefined],
      ['confirmed', 'ann', 'bob'],
    ])
    expect((await history()).some(({ body }) => body.includes('told by the bank'))).toBe(true)
  })

  it('ends without money, frees its order and tries no other route when two people say so', async () => {
    const other = sampleRoute('other', { priors: { ...MUTE.priors, approval: 0.5 } })
    const { test, read, propose, confirm, reference } = await stuck({ pay: [TIMEOUT] }, [MUTE, other])
    expect((await confirm(proposalOf(await propose({ kind: 'no_money', reference })))).kind).toBe('done')
    expect(await read()).toMatchObject({ result: 'declined', attempts: [{ status: 'voided' }] })
    expect(test.connector('other').sends).toEqual([])
    expect((await test.paid({ key: 'key-2' })).id).not.toBe((await read()).id)
  })

  it('owes the money back that comes in after people have said that there is none', async () => {
    const { test, read, propose, confirm, reference, amount } = await stuck()
    await confirm(proposalOf(await propose({ kind: 'no_money', reference })))
    const late = { kind: 'approved', amount } as const
    await recordEvidence(test.gateway, test.facts, {
      reference,
      source: 'notification',
      result: late,
      at: test.clock.now(),
    })
    const owing = await read()
    expect(owing).toMatchObject({ result: 'declined', obligations: [{ status: 'pending' }] })
    expect((await confirm(proposalOf(await propose({ kind: 'given_back', reference })))).kind).toBe('done')
    expect(await read()).toMatchObject({
      obligations: [{ status: 'done' }],
      attempts: [{ status: 'reversed' }],
    })
  })

  it('is not moved by one person alone, however often', async () => {
    const { read, propose, confirm, reference } = await stuck()
    const proposal = proposalOf(await propose({ kind: 'no_money', reference }))
    expect(await confirm(proposal, 'ann')).toEqual({ kind: 'same_operator' })
    expect(await propose({ kind: 'no_money', reference })).toEqual({ kind: 'proposal_open', proposal })
    expect(await read()).toMatchObject({ manual: 'route_cannot_tell', attempts: [{ status: 'unknown' }] })
  })

  it('forgets a proposal that has expired or was withdrawn', async () => {
    const { test, propose, confirm, withdraw, reference } = await stuck()
    const first = proposalOf(await propose({ kind: 'no_money', reference }))
    await test.clock.advance(PROPOSAL_MS)
    expect(await confirm(first)).toEqual({ kind: 'stale', cause: 'expired' })
    const second = proposalOf(await propose({ kind: 'no_money', reference }, 'bob'))
    expect((await withdraw(second, 'ann')).kind).toBe('done')
    expect(await confirm(second, 'ann')).toEqual({ kind: 'stale', cause: 'not_open' })
    expect(await confirm(first)).toEqual({ kind: 'stale', cause: 'not_open' })
  })

  it('is not decided by a proposal once the upstream has told in between', async () => {
    const { test, read, propose, confirm, reference, amount } = await stuck()
    const proposal = proposalOf(await propose({ kind: 'no_money', reference }))
    const told = { reference, source: 'notification', result: { kind: 'approved', amount } } as const
    await recordEvidence(test.gateway, test.facts, { ...told, at: test.clock.now() })
    expect(await confirm(proposal)).toEqual({ kind: 'stale', cause: 'moved_on' })
    expect(await read()).toMatchObject({ result: 'succeeded', winner: reference })
  })

  it('may be decided though the resolver has looked at it again and found nothing', async () => {
    const { test, propose, confirm, reference } = await stuck()
    const proposal = proposalOf(await propose({ kind: 'no_money', reference }))
    await test.clock.advance(2 * 3_600_000)
    expect(await resolveDue(test.gateway, test.facts)).toBe(1)
    expect((await confirm(proposal)).kind).toBe('done')
  })

  it('takes no resolution that does not fit it', async () => {
    const { propose, reference, amount } = await stuck()
    const unfit = (refusal: string) => ({ kind: 'unfit', refusal })
    const more = { ...amount, value: amount.value + 1 }
    expect(await propose({ kind: 'approved', reference, amount: more })).toEqual(unfit('amount_differs'))
    expect(await propose({ kind: 'no_money', reference: 'f'.repeat(32) })).toEqual(unfit('attempt_not_open'))
    expect(await propose({ kind: 'given_back', reference })).toEqual(unfit('nothing_owed'))
    const operation = 'ref_none'
    expect(await propose({ kind: 'operation_failed', operation })).toEqual(unfit('operation_not_open'))
    expect(await propose({ kind: 'acknowledged' })).toEqual(unfit('still_open'))
  })

  it('is not decided while somebody may just be sending', async () => {
    const test = buildTestGateway({
      routes: [MUTE],
      connectorScripts: { mute: { pay: [() => new Promise(() => undefined)] } },
    })
    void test.pay()
    await test.clock.advance(100)
    const [open] = await test.gateway.ports.journal.listOpen('demo', 1)
    const [attempt] = open?.payment.attempts ?? []
    expect(attempt?.status).toBe('intent')
    const command = { tenant: 'demo', payment: open?.payment.id ?? '', operator: 'ann', reason: 'because' }
    const resolution: Resolution = { kind: 'no_money', reference: attempt?.reference ?? '' }
    expect(await proposeResolution(test.gateway, { ...command, resolution })).toEqual({
      kind: 'unfit',
      refusal: 'attempt_not_open',
    })
  })

  it('keeps an approval though an undoing was under way, when people have seen the money', async () => {
    const cancels = sampleRoute('card_a', { capability: { ...MUTE.capability, cancel: ['reverse'] } })
    const { read, propose, confirm, reference, amount } = await stuck({ pay: [TIMEOUT], cancel: [TIMEOUT] }, [
      cancels,
    ])
    expect((await read()).attempts[0]).toMatchObject({ canceling: 'reverse', status: 'unknown' })
    const paid: Resolution = { kind: 'approved', reference, amount, providerReference: 'bank-8' }
    expect((await confirm(proposalOf(await propose(paid)))).kind).toBe('done')
    expect(await read()).toMatchObject({
      result: 'succeeded',
      attempts: [{ status: 'approved', providerReference: 'bank-8' }],
    })
  })

  it('is calm again when two people have looked into an alarm that changed nothing', async () => {
    const wrong: UpstreamResult = { kind: 'unknown', cause: 'mismatch' }
    const { test, read, propose, confirm, reference, amount } = await stuck({ pay: [wrong] })
    const told = { reference, source: 'notification', result: { kind: 'approved', amount } } as const
    await recordEvidence(test.gateway, test.facts, { ...told, at: test.clock.now() })
    expect(await read()).toMatchObject({ result: 'succeeded', manual: 'answer_mismatch' })
    expect((await confirm(proposalOf(await propose({ kind: 'acknowledged' })))).kind).toBe('done')
    expect((await read()).manual).toBeUndefined()
  })

  it('has its refund of unknown outcome settled by two people', async () => {
    const test = buildTestGateway()
    const { id } = await test.paid()
    const { journal } = test.gateway.ports
    const stored = await journal.find('demo', id)
    if (stored === undefined) throw new Error('the payment is gone')
    const operation = {
      id: 'ref_1',
      kind: 'refund',
      reference: 'e'.repeat(32),
      amount: stored.payment.context.amount,
      status: 'manual',
      openedAt: 1,
      sendableUntil: 2,
    } as const
    const payment = { ...stored.payment, operations: [operation] }
    await journal.save({ payment, version: stored.version, dueAt: null })
    const where = { tenant: 'demo', payment: id }
    const proposal = proposalOf(
      await proposeResolution(test.gateway, {
        ...where,
        operator: 'ann',
        reason: 'in the settlement file',
        resolution: { kind: 'operation_succeeded', operation: 'ref_1' },
      }),
    )
    const confirmed = await confirmResolution(test.gateway, test.facts, {
      ...where,
      operator: 'bob',
      proposal,
    })
    expect(confirmed).toMatchObject({ kind: 'done', payment: { operations: [{ status: 'succeeded' }] } })
  })
})
