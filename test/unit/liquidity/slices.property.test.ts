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
  takeOver,
  useSlice,
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
              const used = useSlice(shards.get(next.shard) as ShardSlice, 0, next.amount)
              if (typeof used !== 'string') shards.set(next.shard, used)
              break
            }
            case 'cap':
              ledger = changeSliceCap(ledger, next.cap)
              break
          }
          expect(grantedTotal(ledger)).toBeLessThanOrEqual(ledger.cap)
          for (const slice of shards.values()) {
            const granted = ledger.slices.get(slice.shard)?.granted ?? 0
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
    s0 = useSlice(s0, 0, 300) as ShardSlice
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

  it('fence off an instance that was taken over from', () => {
    const { order } = orderSlice(newSliceLedger(1_000), 's0', 500)
    const slice = takeOver(takeOrder(newShardSlice('s0'), order).slice)
    expect(useSlice(slice, 0, 10)).toBe('fenced')
    expect(useSlice(slice, 1, 10)).toMatchObject({ out: 10 })
  })
})
