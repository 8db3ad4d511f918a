import type { Answer } from './exchange.ts'
import type { Call, RawConfig, Target } from './target.ts'

/** A payment context with a new order; 1,299 yuan by card in the app, unless told otherwise. */
export interface ContextBody {
  orderId: string
  amount: { currency: string; value: number }
  channel: string
  payer: { id: string; locale?: string }
  funding: { accept: Accepted[]; preference?: string; instruments?: Record<string, unknown> }
  capture?: string
  items?: { id: string; category: string; amount: { currency: string; value: number } }[]
  metadata?: Record<string, string>
  [field: string]: unknown
}
export interface Accepted {
  tender: string
  instalments?: number
  quote?: string
}

export interface ReasonView {
  readonly code: string
  readonly message: string
  readonly remedy: string
}
export interface AttemptView {
  readonly route: string
  readonly reference: string
  readonly status: string
  readonly declineCategory?: string
  readonly latencyMs?: number
}
export interface PaymentView {
  readonly id: string
  readonly status: string
  readonly orderId: string
  readonly amount: { readonly currency: string; readonly value: number }
  readonly route?: string
  readonly tender?: string
  readonly attempts: readonly AttemptView[]
  readonly decision: string
  readonly reasons: readonly ReasonView[]
  readonly explanation: readonly { route: string; tender: string; eligible: boolean; reasons: ReasonView[] }[]
  readonly alternatives?: readonly { readonly tender: string; readonly route: string }[]
  readonly nextAction?: { readonly type: string; readonly url?: string; readonly expiresAt: string }
}
export interface ProblemView {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly payment?: string
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[]
}
export interface CandidateView {
  readonly route: string
  readonly tender: string
  readonly eligible: boolean
  readonly reasons: readonly ReasonView[]
  readonly value?: Record<string, number>
}
export interface DecisionView {
  readonly id: string
  readonly cascade: readonly string[]
  readonly candidates: readonly CandidateView[]
  readonly policyVersion: string
  readonly seed: number
}

export function contextOf(changes: Partial<ContextBody> = {}): ContextBody {
  return {
    orderId: `o-${crypto.randomUUID()}`,
    amount: { currency: 'CNY', value: 129_900 },
    channel: 'app',
    payer: { id: 'u-1' },
    funding: { accept: [{ tender: 'card' }] },
    ...changes,
  }
}

export const cny = (value: number) => ({ currency: 'CNY', value })

/** A context whose payment behaves as named in docs/sandbox.md, on every route or on one. */
export function behaving(
  behaviour: string,
  tenders: readonly string[] = ['card'],
  route?: string,
): ContextBody {
  return contextOf({
    funding: { accept: tenders.map(tender => ({ tender })) },
    metadata: { [route === undefined ? 'sandbox' : `sandbox_${route}`]: behaviour },
  })
}

/** POSTs a payment under a key of its own, unless one is given. */
export function pay<T = PaymentView>(
  target: Target,
  body: unknown,
  { headers, ...call }: Call = {},
): Promise<Answer<T>> {
  return target.api<T>('POST', '/v1/payments', {
    body,
    ...call,
    headers: { 'idempotency-key': crypto.randomUUID(), ...headers },
  })
}

/** POSTs to `/v1/payments/{id}/{verb}` under a key of its own, unless one is given. */
export function operate<T = Record<string, unknown>>(
  target: Target,
  id: string,
  verb: 'capture' | 'cancel' | 'refunds',
  body: unknown = {},
  { headers, ...call }: Call = {},
): Promise<Answer<T>> {
  return target.api<T>('POST', `/v1/payments/${id}/${verb}`, {
    body,
    ...call,
    headers: { 'idempotency-key': crypto.randomUUID(), ...headers },
  })
}

export function decide(target: Target, body: unknown, call: Call = {}): Promise<Answer<DecisionView>> {
  return target.api<DecisionView>('POST', '/v1/decisions', { body, ...call })
}

export async function paymentNow(target: Target, id: string): Promise<PaymentView> {
  return (await target.api<PaymentView>('GET', `/v1/payments/${id}`)).body
}

/** The payment once it has a status, as the resolver and notifications bring it about. */
export async function paymentOnce(
  target: Target,
  id: string,
  status: string,
  withinMs = 15_000,
): Promise<PaymentView> {
  const end = Date.now() + withinMs
  let payment = await paymentNow(target, id)
  while (payment.status !== status && Date.now() < end) {
    await new Promise(resolve => setTimeout(resolve, 100))
    payment = await paymentNow(target, id)
  }
  return payment
}

export const codes = (reasons: readonly ReasonView[] | undefined): string[] =>
  (reasons ?? []).map(({ code }) => code)

/** Keeps what is learned during a test from changing which acquirer is tried first, and no failure opens a breaker. */
export function inFixedOrder(config: RawConfig): void {
  config.policy.rules.push({ id: 'fixed-order', kind: 'order', routes: ['card_a', 'card_b'] })
  for (const route of config.routes) route.breaker = { volumeMin: 10_000 }
}

export interface PlanView {
  readonly quote: string
  readonly instalments: number
  readonly schedule: readonly { dueDate: string; principal: number; fee: number; total: number }[]
  readonly feeItems: readonly object[]
  readonly totalFee: number
  readonly totalPayable: number
  readonly annualRateSimple: number
  readonly annualRateCompound: number
  readonly feeRefundable: boolean
  readonly expiresAt: string
}
export interface OptionView {
  readonly tender: string
  readonly route?: string
  readonly lender?: string
  readonly available: boolean
  readonly reasons: readonly ReasonView[]
  readonly plans: readonly PlanView[]
}

export function quotes<T = { options: OptionView[] }>(
  target: Target,
  body: unknown,
  call: Call = {},
): Promise<Answer<T>> {
  return target.api<T>('POST', '/v1/quotes', { body, ...call })
}

/** Asks for quotes for a context and returns the id of the one for so many instalments. */
export async function quoteFor(
  target: Target,
  context: ContextBody,
  instalments = 3,
  call: Call = {},
): Promise<string> {
  const { body } = await quotes(target, context, call)
  const credit = body.options.find(({ tender }) => tender === 'credit')
  const plan = credit?.plans.find(other => other.instalments === instalments)
  if (plan === undefined) throw new Error(`no plan of ${instalments}: ${JSON.stringify(body)}`)
  return plan.quote
}
