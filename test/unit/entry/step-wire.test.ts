import { describe, expect, it } from 'vitest'
import { fromWire, toWire } from '../../../src/entry/step-wire.ts'
import { Shards } from '../../../src/entry/shards.ts'
import { buildTestGateway } from '../../support/gateway.ts'

async function begun() {
  const gateway = buildTestGateway()
  const step = await gateway.core.begin(gateway.command())
  if (step.kind !== 'send') throw new Error('a payment that is not sent')
  return { step, clock: gateway.clock, runtime: gateway.gateway.runtime() }
}

describe('a step on its way between state and sender', () => {
  it('survives structured cloning, and says the same on the other side', async () => {
    const { step, clock, runtime } = await begun()
    const arrived = fromWire(runtime, clock.monotonic(), structuredClone(toWire(clock, step)))
    expect(arrived).toEqual(step)
  })

  it('never lengthens a lease: what the way took is taken off', async () => {
    const { step, clock, runtime } = await begun()
    const askedAt = clock.monotonic() - 400
    const arrived = fromWire(runtime, askedAt, toWire(clock, step))
    if (arrived.kind !== 'send') throw new Error('not a send')
    expect(arrived.session.leaseEndsAt).toBe(step.session.leaseEndsAt - 400)
  })

  it('is refused where another configuration runs', async () => {
    const { step, clock, runtime } = await begun()
    const other = { ...runtime, version: 'another' }
    expect(() => fromWire(other, clock.monotonic(), toWire(clock, step))).toThrow(
      /configuration here is another/,
    )
  })
})

describe('shards', () => {
  it('put an order and a key always on the same one, and use all of them', () => {
    const shards = new Shards(8)
    const used = new Set<number>()
    for (let i = 0; i < 200; i++) {
      const shard = shards.ofOrder('demo', `o-${i}`)
      expect(shards.ofOrder('demo', `o-${i}`)).toBe(shard)
      used.add(shard)
    }
    expect([...used].toSorted((a, b) => a - b)).toEqual(shards.all())
  })

  it('find nothing for text that is no id of theirs', () => {
    const shards = new Shards(2)
    expect(shards.ofId(`pay_${'0'.repeat(30)}01`)).toBe(1)
    for (const id of [`pay_${'0'.repeat(30)}02`, 'pay_zz', '']) expect(shards.ofId(id)).toBeUndefined()
  })

  it.each([0, 257, 1.5, Number.NaN])('are not %d', count => {
    expect(() => new Shards(count)).toThrow(RangeError)
  })
})
