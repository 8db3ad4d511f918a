import * as z from 'zod'

/** The six upstreams of the sandbox; card_a and card_b are two acquirers of one tender. */
export const SANDBOX_ROUTES = ['jd_baitiao', 'card_a', 'card_b', 'flash_pay', 'wallet', 'balance'] as const
export type SandboxRoute = (typeof SANDBOX_ROUTES)[number]

/** The route that lends: it checks the payer's credit, and serves facts about it under `/eligibility`. */
export const CREDIT_ROUTE: SandboxRoute = 'jd_baitiao'

export const bodyBytesMax = 65_536

const text = (max: number) => z.string().min(1).max(max)
const reference = z.string().regex(/^[0-9a-f]{32}$/, '32 lowercase hex digits')

const moneySchema = z.object({
  currency: z.string().regex(/^[A-Z]{3}$/),
  value: z.int().min(1),
})
/** Integer minor units. */
export type Money = z.output<typeof moneySchema>

/** When a request loses its force: Unix ms, or RFC 3339. */
const expiry = z.union([
  z.int().min(0),
  z.iso.datetime({ offset: true }).transform(value => Date.parse(value)),
])

export const payRequestSchema = z.object({
  reference,
  orderId: text(128),
  amount: moneySchema,
  capture: z.enum(['automatic', 'manual']).default('automatic'),
  payer: text(256),
  instalments: z.int().min(1).max(60).optional(),
  expiresAt: expiry.optional(),
  returnUrl: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .optional(),
  metadata: z.record(z.string().max(64), z.string().max(512)).optional(),
})
export type PayRequest = z.output<typeof payRequestSchema>

export const cancelRequestSchema = z.object({ verb: z.enum(['close', 'void', 'reverse']) })
export type CancelVerb = z.output<typeof cancelRequestSchema>['verb']

export const captureRequestSchema = z.object({
  captureReference: text(64).optional(),
  amount: moneySchema,
  final: z.boolean().default(false),
})
export const refundRequestSchema = z.object({ refundReference: text(64), amount: moneySchema })

/** What happens on the wire to an answer: sent, never sent, cut off by a reset, or cut off in the middle. */
type Fate = 'answer' | 'hang' | 'reset' | 'truncate'

export interface Reply {
  readonly status: number
  readonly body: string
  readonly fate: Fate
  /** Held back for so long, on top of the route's latency. */
  readonly delayMs: number
  readonly headers?: Readonly<Record<string, string>>
}

export function answer(body: unknown, status = 200): Reply {
  return { status, body: JSON.stringify(body), fate: 'answer', delayMs: 0 }
}

export function problem(status: number, error: string, message: string): Reply {
  return answer({ error, message }, status)
}

export const silence: Reply = { status: 0, body: '', fate: 'hang', delayMs: 0 }
export const reset: Reply = { status: 0, body: '', fate: 'reset', delayMs: 0 }

/** Undefined, which no schema here takes, for what is not JSON. */
export function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    return undefined
  }
}

export function firstIssue(error: { issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const [issue] = error.issues
  return issue === undefined ? 'invalid' : `/${issue.path.map(String).join('/')}: ${issue.message}`
}
