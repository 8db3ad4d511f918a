import { hash } from 'node:crypto'
import * as z from 'zod'
import { DECLINES, type DeclineCategory } from './magic.ts'

const share = z.number().min(0).max(1)
const durationMs = z.int().min(0).max(600_000)
const categories = Object.keys(DECLINES) as DeclineCategory[]

/** How one upstream behaves towards ordinary payments. Every dial may be turned while payments are running. */
export const dialsSchema = z.strictObject({
  /** Share of ordinary payments that are approved; the rest is declined with `declineCategory`. */
  approvalRate: share.default(1),
  declineCategory: z.enum(categories).default('issuer_declined'),
  /** Draws are a function of seed and reference: the same run gives the same outcomes, in any order. */
  seed: z.int().default(1),
  /** Every answer is held back for this long, and up to `latencyJitterMs` more. */
  latencyMs: durationMs.default(0),
  latencyJitterMs: durationMs.default(0),
  /** `refuse`: nothing listens. `blackhole`: requests vanish unprocessed. `error`: 503 before processing. */
  outage: z.enum(['none', 'refuse', 'blackhole', 'error']).default('none'),
  /** Share of payment requests that vanish before they are processed. */
  lostRequestShare: share.default(0),
  /** Share of payment requests that are processed and whose answer is lost in a connection reset. */
  lostAnswerShare: share.default(0),
  /** `key`: same key, same answer. `reference`: a second use is refused. `none`: sent twice is charged twice. */
  idempotency: z.enum(['key', 'reference', 'none']).default('key'),
  /** With `key`: how long a key is remembered; after that it is charged again. */
  keyMemoryMs: z.int().min(0).nullable().default(null),
  /** With `key`: whether an error that came before processing is replayed to a resend too. */
  replaysErrors: z.boolean().default(false),
  /** Refuses a request that arrives after its `expiresAt`. */
  honoursExpiry: z.boolean().default(true),
  /** Cancelling a reference that was never seen makes it unusable. */
  tombstones: z.boolean().default(true),
  /** A payment shows up in queries only so long after it was made. */
  queryLagMs: durationMs.default(0),
  /** Whether magic amounts, payers and metadata work. */
  magic: z.boolean().default(true),
  /** How long each magic delay takes: slow answers, processing, late effects, unanswered requests, redirects. */
  slowMs: durationMs.default(2_000),
  settleMs: durationMs.default(1_000),
  lateMs: durationMs.default(5_000),
  hangMs: durationMs.default(30_000),
  actionMs: durationMs.default(120_000),
  /** How long after a state change its notification leaves. */
  notificationDelayMs: durationMs.default(50),
})
export type Dials = z.output<typeof dialsSchema>
export type DialsInput = z.input<typeof dialsSchema>

/** A change of some dials; the others stay as they are. */
const dialsChangeSchema = z
  .strictObject(Object.fromEntries(Object.keys(dialsSchema.shape).map(key => [key, z.unknown()])))
  .partial()

export function turned(dials: Dials, change: unknown): Dials {
  return dialsSchema.parse({ ...dials, ...dialsChangeSchema.parse(change) })
}

/** Uniform in [0, 1), the same for the same seed, reference and purpose. */
export function draw(seed: number, reference: string, purpose: string): number {
  const digest = hash('sha256', `${seed}:${purpose}:${reference}`)
  return Number.parseInt(digest.slice(0, 12), 16) / 2 ** 48
}
