import { SANDBOX_ROUTES, type PayRequest, type SandboxRoute } from './protocol.ts'

/** The definite decline categories, each with a code of the kind that upstreams give. */
export const DECLINES = {
  upstream_unavailable: '91',
  insufficient_funds: '51',
  limit_exceeded: '61',
  authentication_required: '1A',
  credential_invalid: '54',
  instrument_blocked: '41',
  suspected_fraud: '59',
  issuer_declined: '05',
  not_permitted: '57',
  credit_refused: 'CREDIT_REFUSED',
  funding_unavailable: 'POOL_EXHAUSTED',
  invalid_request: '30',
} as const
export type DeclineCategory = keyof typeof DECLINES

/** What one payment does. Without any field it is approved at once and answered truthfully. */
export interface Behaviour {
  /** The last two digits of a magic amount. */
  readonly number: number
  readonly id: string
  readonly meaning: string
  /** Refused for this reason, nothing is charged. */
  readonly decline?: DeclineCategory
  /** Not decided at once: `late` and `absent` leave no trace that a query could find before. */
  readonly course?: 'processing' | 'requires_action' | 'late' | 'absent' | 'flips'
  /** How a `processing` or `requires_action` payment ends by itself; without it, it waits for the payer. */
  readonly ends?: 'approved' | 'declined' | 'expired'
  /** Fails before anything is processed, the first time that the reference arrives. */
  readonly hiccup?: 'error' | 'reset' | 'rate_limit'
  /** What is wrong with the answer; the payment itself goes its way. */
  readonly flaw?:
    | 'hang'
    | 'slow'
    | 'error'
    | 'reset'
    | 'truncate'
    | 'garbage'
    | 'oversized'
    | 'redirect'
    | 'wrong_amount'
    | 'wrong_reference'
    | 'says_unknown'
  readonly notifications?: 'repeated' | 'early'
  readonly capture?: 'declined'
  readonly refund?: 'declined' | 'processing' | 'hang'
}

const declines: Behaviour[] = (Object.keys(DECLINES) as DeclineCategory[]).map((category, index) => ({
  number: index + 3,
  id: category,
  meaning: `declined, code ${DECLINES[category]}, category ${category}`,
  decline: category,
}))

/** The magic table. Numbers 03 to 14 are the decline categories in the order of the taxonomy. */
export const BEHAVIOURS: readonly Behaviour[] = [
  { number: 0, id: 'approved', meaning: 'approved at once' },
  {
    number: 2,
    id: 'outcome_unknown',
    meaning: 'charged, but the answer says declined with category outcome_unknown',
    flaw: 'says_unknown',
  },
  ...declines,
  {
    number: 20,
    id: 'processing_approved',
    meaning: 'processing, approved after settleMs',
    course: 'processing',
    ends: 'approved',
  },
  {
    number: 21,
    id: 'processing_declined',
    meaning: 'processing, declined after settleMs (insufficient_funds)',
    course: 'processing',
    ends: 'declined',
  },
  { number: 22, id: 'slow', meaning: 'charged on arrival, answered after slowMs', flaw: 'slow' },
  { number: 23, id: 'timeout_approved', meaning: 'charged on arrival, never answered', flaw: 'hang' },
  {
    number: 24,
    id: 'timeout_late',
    meaning: 'never answered, takes effect only after lateMs; not found before',
    course: 'late',
  },
  { number: 25, id: 'timeout_absent', meaning: 'never answered and never processed', course: 'absent' },
  {
    number: 26,
    id: 'action_approved',
    meaning: 'requires_action (redirect), approved after settleMs',
    course: 'requires_action',
    ends: 'approved',
  },
  {
    number: 27,
    id: 'action_expired',
    meaning: 'requires_action (redirect), expires unpaid after settleMs',
    course: 'requires_action',
    ends: 'expired',
  },
  {
    number: 28,
    id: 'action_waits',
    meaning: 'requires_action (redirect), waits for the page or the control API, expires after actionMs',
    course: 'requires_action',
  },
  {
    number: 30,
    id: 'wrong_amount',
    meaning: 'charged; the answer echoes an amount one higher',
    flaw: 'wrong_amount',
  },
  {
    number: 31,
    id: 'wrong_reference',
    meaning: 'charged; the answer names another reference',
    flaw: 'wrong_reference',
  },
  { number: 32, id: 'garbage', meaning: 'charged; the answer is 200 and not JSON', flaw: 'garbage' },
  {
    number: 33,
    id: 'truncated',
    meaning: 'charged; the connection ends in the middle of the answer',
    flaw: 'truncate',
  },
  { number: 34, id: 'oversized', meaning: 'charged; the answer is 1 MiB of JSON', flaw: 'oversized' },
  {
    number: 35,
    id: 'redirected',
    meaning: 'charged; the answer is a 307 back to the same address',
    flaw: 'redirect',
  },
  {
    number: 36,
    id: 'rate_limited',
    meaning: 'first arrival: 429 with Retry-After, nothing processed; then approved',
    hiccup: 'rate_limit',
  },
  {
    number: 37,
    id: 'error_before',
    meaning: 'first arrival: 500, nothing processed; then approved',
    hiccup: 'error',
  },
  { number: 38, id: 'error_after', meaning: 'charged; the answer is a 500', flaw: 'error' },
  {
    number: 39,
    id: 'reset_before',
    meaning: 'first arrival: connection reset, nothing processed; then approved',
    hiccup: 'reset',
  },
  { number: 40, id: 'reset_after', meaning: 'charged; connection reset instead of an answer', flaw: 'reset' },
  {
    number: 50,
    id: 'repeated_notification',
    meaning: 'approved; its notification comes five times with one id',
    notifications: 'repeated',
  },
  {
    number: 51,
    id: 'early_notification',
    meaning: 'approved; the notification leaves before the answer',
    notifications: 'early',
  },
  {
    number: 52,
    id: 'declined_then_approved',
    meaning: 'declined (issuer_declined), yet charged after settleMs',
    course: 'flips',
  },
  {
    number: 60,
    id: 'capture_declined',
    meaning: 'approved or authorized; captures are declined',
    capture: 'declined',
  },
  { number: 61, id: 'refund_declined', meaning: 'approved; refunds are declined', refund: 'declined' },
  {
    number: 62,
    id: 'refund_processing',
    meaning: 'approved; refunds are processing, approved after settleMs',
    refund: 'processing',
  },
  {
    number: 63,
    id: 'refund_timeout',
    meaning: 'approved; refunds are made and never answered',
    refund: 'hang',
  },
]

const byId = new Map(BEHAVIOURS.map(behaviour => [behaviour.id, behaviour]))
const byNumber = new Map(BEHAVIOURS.map(behaviour => [behaviour.number, behaviour]))
const magicPayerPrefix = 'sbx-pay.'

/**
 * The behaviour that a payment asks for on this route, undefined for an ordinary one, `unknown` for a name that is not
 * in the table. The most specific wins: metadata `sandbox_<route>`, metadata `sandbox`, payer
 * `sbx-pay.[<route>.]<behaviour>`, the amount.
 */
export function chosenBehaviour(route: SandboxRoute, request: PayRequest): Behaviour | undefined | 'unknown' {
  const { metadata, payer, amount } = request
  const named = metadata?.[`sandbox_${route}`] ?? metadata?.sandbox
  if (named !== undefined) return byId.get(named) ?? 'unknown'
  if (payer.startsWith(magicPayerPrefix)) return behaviourOfPayer(route, payer)
  return behaviourOfAmount(route, amount.value)
}

/** Payers may carry a further part of any kind after the behaviour, to be told apart: `sbx-pay.slow.17`. */
function behaviourOfPayer(route: SandboxRoute, payer: string): Behaviour | undefined | 'unknown' {
  const [first = '', second = ''] = payer.slice(magicPayerPrefix.length).split('.')
  if (!SANDBOX_ROUTES.some(id => id === first)) return byId.get(first) ?? 'unknown'
  return first === route ? (byId.get(second) ?? 'unknown') : undefined
}

/**
 * The last four digits `9RNN`: R = 0 for every route or 1 to 6 for one of them in their order, NN the behaviour.
 * Amounts that end otherwise are ordinary.
 */
function behaviourOfAmount(route: SandboxRoute, value: number): Behaviour | undefined {
  const digits = value % 10_000
  if (digits < 9_000 || digits >= 9_700) return undefined
  const target = Math.floor((digits - 9_000) / 100)
  if (target !== 0 && SANDBOX_ROUTES[target - 1] !== route) return undefined
  return byNumber.get(digits % 100)
}
