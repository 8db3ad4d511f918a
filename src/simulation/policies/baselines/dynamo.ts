import { indexOfMax, perSegment, type PolicyFactory } from '../policy.ts'

export interface Block {
  successes: number
  total: number
}

/** Hyperswitch dynamo: blocks of outcomes, the newest weighing most, floored to two places; percent. */
export function blockScore(blocks: readonly Block[]): number {
  const k = blocks.length
  const weights = (k * (k + 1)) / 2
  const sum = blocks.reduce(
    (score, { successes, total }, i) => score + (successes / total) * ((i + 1) / weights),
    0,
  )
  return Math.floor(sum * 100 * 100 + 1e-9) / 100
}

interface DynamoOptions {
  readonly blocksMin: number
  readonly blocksMax: number
  readonly blockSize: number
  readonly explore: number
  /** Leaky bucket of errors: size and interval of one leak. */
  readonly elimination?: { readonly size: number; readonly leakMs: number }
}

const DEFAULT_SCORE = 100

/** Leaky bucket: one more per error, one less per interval; a route is out while it is full. */
export interface LeakyBucket {
  level: number
  leakedAt: number
}

export function leak(bucket: LeakyBucket, now: number, leakMs: number): number {
  const leaked = Math.floor((now - bucket.leakedAt) / leakMs)
  if (leaked > 0) {
    bucket.level = Math.max(0, bucket.level - leaked)
    bucket.leakedAt += leaked * leakMs
  }
  return bucket.level
}

/** Success-based routing of Hyperswitch's dynamo, and its elimination when asked for. */
export const dynamo =
  (options: DynamoOptions): PolicyFactory =>
  ({ routes, segmentCount, random }) => {
    const segments = perSegment(segmentCount, () =>
      routes.map(() => ({
        blocks: [] as Block[],
        current: { successes: 0, total: 0 },
        score: DEFAULT_SCORE,
        bucket: { level: 0, leakedAt: 0 } as LeakyBucket,
      })),
    )
    const { elimination } = options
    return {
      choose: ({ segment, at }) => {
        const cells = segments(segment)
        const scores = cells.map(({ score, bucket }) => {
          const out = elimination !== undefined && leak(bucket, at, elimination.leakMs) >= elimination.size
          return out ? score - 1_000 : score
        })
        if (random() < options.explore) return Math.floor(random() * routes.length)
        return indexOfMax(scores)
      },
      observe: ({ payment, route, approved, now }) => {
        const cells = segments(payment.segment)
        const cell = cells[route] as (typeof cells)[number]
        cell.current.total++
        cell.current.successes += approved ? 1 : 0
        if (!approved && elimination !== undefined) {
          leak(cell.bucket, now, elimination.leakMs)
          cell.bucket.level = Math.min(elimination.size, cell.bucket.level + 1)
        }
        if (cell.current.total < options.blockSize) return
        cell.blocks.push(cell.current)
        cell.current = { successes: 0, total: 0 }
        if (cell.blocks.length > options.blocksMax) cell.blocks.shift()
        if (cell.blocks.length >= options.blocksMin) cell.score = blockScore(cell.blocks)
      },
    }
  }
