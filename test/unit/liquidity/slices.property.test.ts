import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  changeSliceCap,
  grantedTotal,
  newShardSlice,
  newSliceLedger,
  orderSlice,
  takeAck,
  takeOrder,
  takeState,
  type ShardSlice,
  type SliceOrder,
} from '../../../src/core/liquidity/slices.ts'

const SHARDS = ['s0', 's1', 's2']
const shard = fc.constantFrom(...SHARDS)

/** What may happen: orders, messages delivered in any order or lost or repeated, lending, caps, take-overs. */
const step = fc.oneof(
  fc.record({ do: fc.constant('order' as const), shard, wanted: fc.integer({ min: 0, max: 1_200 }) }),
  fc.record({ do: fc.constant('deliver' as const), pick: fc.nat(), keep: fc.boolean() }),
  fc.record({ do: fc.constant('ack' as const), pick: fc.nat(), keep: fc.boolean() }),
  fc.record({ do: fc.constant('use' as const), shard, amount: fc.integer({ min: -300, max: 300 }) }),
  fc.record({ do: fc.constant('cap' as const), cap: fc.integer({ min: 0, max: 1_500 }) }),
)

describe('slices of a cap across shards', () => {
  it('never add up to more than the cap, whatever is lost, repeated or late', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), steps => {
        let ledger = newSliceLedger(1_000)
        const shards = new Map<string, ShardSlice>(SHARDS.map(id => [id, newShardSlice(id)]))
        const orders: SliceOrder[] = []
        const acks: SliceOrder[] = []
        for (const next of steps) {
          switch (next.do) {
            case 'order': {
              const ordered = orderSlice(ledger, next.shard, next.wanted)
              ledger = ordered.ledger
              orders.push(ordered.order)
              break
            }
            case 'deliver': {
              const order = orders[next.pick % (orders.length || 1)]
              if (!order) break
              if (!next.keep) orders.splice(orders.indexOf(order), 1)
              const taken = takeOrder(shards.get(order.shard) as ShardSlice, order)
              shards.set(order.shard, taken.slice)
              acks.push(taken.ack)
              break
            }
            case 'ack': {
              const ack = acks[next.pick % (acks.length || 1)]
              if (!ack) break
              if (!next.keep) acks.splice(acks.indexOf(ack), 1)
              ledger = takeAck(ledger, ack)
              break
            }
            case 'use': {
              const slice = shards.get(next.shard) as ShardSlice
              shards.set(next.shard, lend(slice, next.amount))
              break
            }
            case 'cap':
              ledger = changeSliceCap(ledger, next.cap)
              break
          }
          expect(grantedTotal(ledger)).toBeLessThanOrEqual(ledger.cap)
          for (const slice of shards.values()) {
            const granted = ledger.slices[slice.shard]?.granted ?? 0
            expect(slice.out).toBeLessThanOrEqual(slice.limit)
            expect(slice.limit).toBeLessThanOrEqual(granted)
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('move from one shard to another once the first has given up', () => {
    let ledger = newSliceLedger(1_000)
    const first = orderSlice(ledger, 's0', 1_000)
    let s0 = takeOrder(newShardSlice('s0'), first.order).slice
    s0 = lend(s0, 300)
    const shrink = orderSlice(first.ledger, 's0', 0)
    expect(orderSlice(shrink.ledger, 's1', 500).order.limit).toBe(0)
    const { slice, ack } = takeOrder(s0, shrink.order)
    expect(slice.limit).toBe(300)
    ledger = takeAck(shrink.ledger, ack)
    expect(orderSlice(ledger, 's1', 5_000).order.limit).toBe(700)
  })

  it('follow a lowered cap down as they are given back', () => {
    let { ledger, order } = orderSlice(newSliceLedger(1_000), 's0', 800)
    ledger = changeSliceCap(ledger, 100)
    expect(ledger.cap).toBe(800)
    const held = takeOrder(newShardSlice('s0'), order).slice
    ;({ ledger, order } = orderSlice(ledger, 's0', 50))
    ledger = takeAck(ledger, takeOrder(held, order).ack)
    expect(ledger.cap).toBe(100)
  })

  it('keep on the books what a shard has, though more than was granted or from before the books', () => {
    const late = takeState(newSliceLedger(1_000), { shard: 's0', epoch: 0, limit: 0, out: 1_200 })
    expect([grantedTotal(late), late.cap]).toEqual([1_200, 1_200])
    const young = takeState(newSliceLedger(1_000), { shard: 's0', epoch: 7, limit: 600, out: 100 })
    expect(grantedTotal(young)).toBe(600)
    expect(orderSlice(young, 's1', 1_000).order.limit).toBe(400)
    expect(orderSlice(young, 's0', 100).order.epoch).toBe(8)
  })
})

/** The conditional update of a shard's journal. */
function lend(slice: ShardSlice, amount: number): ShardSlice {
  const out = slice.out + amount
  return out < 0 || (amount > 0 && out > slice.limit) ? slice : { ...slice, out }
}
