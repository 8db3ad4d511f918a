import type { Candidate, Decision } from '../core/decision.ts'
import { type Explanation, explainReasons, helpsOnline } from '../core/explain/explain.ts'
import { gatesFor, isCreditCode, mask } from '../core/explain/explain-decision.ts'
import { labelOf, type Locale } from '../core/explain/locale.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { Operation, OperationKind, Payment, PublicStatus } from '../core/payment/payment.ts'
import type { Route } from '../core/payment/route.ts'
import {
  attemptView,
  capturedValue,
  publicStatus,
  operationStatus,
  succeededBy,
} from '../core/payment/view.ts'
import type { IdentifiedDecision } from '../gateway/decide.ts'
import type { Runtime } from '../gateway/runtime.ts'
import type { Caller } from './auth.ts'

/** For whom an answer is worded and what they may see. */
export interface Reader {
  readonly caller: Caller
  readonly locale: Locale
  /** Whether credit reasons may be told: the scope, within what one payer may be asked about. */
  readonly creditReasons: boolean
  /** Whether it may be told if credit is on offer. */
  readonly tellsOffer: boolean
}

/** A decision as clients see it: values and internal facts only with scope `explain`. */
export function presentDecision(
  { id, decision }: IdentifiedDecision,
  runtime: Runtime,
  reader: Reader,
): object {
  const open = reader.caller.scopes.has('explain')
  const candidates = decision.candidates.map(candidate => mask(candidate, reader))
  const hidden = new Set(candidates.filter(({ eligible }) => !eligible).map(({ route }) => route))
  return {
    id,
    cascade: decision.cascade.filter(route => !hidden.has(route)),
    candidates: candidates.map(candidate => ({
      route: candidate.route,
      tender: candidate.tender,
      eligible: candidate.eligible,
      reasons: wordReasons(candidate.reasons, decision.inputs.context, routeOf(runtime, candidate), reader),
      ...(open ? { value: candidate.value, gates: gatesFor(candidate.gates, reader) } : {}),
    })),
    policyVersion: decision.policyVersion,
    seed: decision.inputs.seed,
    ...(open ? { propensity: decision.propensity } : {}),
  }
}

/** The complete record, with the inputs that reproduce it: for keys with scope `explain`. */
export function presentDecisionRecord(row: { id: string; at: number }, decision: Decision): object {
  return { id: row.id, at: new Date(row.at).toISOString(), ...decision }
}

export function routeOf(
  runtime: Runtime,
  { route, tender }: Pick<Candidate, 'route' | 'tender'>,
): Pick<Route, 'tender' | 'label'> {
  return runtime.routes.get(route)?.route ?? { tender }
}

/** Reasons in words. The goods that a route excludes are named, because the shopper can take them out. */
export function wordReasons(
  codes: readonly string[],
  context: PaymentContext,
  route: Pick<Route, 'tender' | 'label'> & Partial<Route>,
  reader: Reader,
): Explanation[] {
  if (codes.length === 0) return []
  const excluded = route.capability?.excludedCategories ?? []
  const items = (context.items ?? []).filter(item => excluded.includes(item.category)).map(item => item.id)
  return explainReasons(codes, {
    reader: 'shopper',
    creditReasons: codes.some(isCreditCode) && reader.creditReasons,
    locale: reader.locale,
    tender: labelOf(route, reader.locale),
    items,
    online: helpsOnline(context.channel, route.capability?.channels),
  })
}

/** A payment as it stands now, with what has been captured, refunded and released since. */
export function presentPayment(payment: Payment, runtime: Runtime, reader: Reader): object {
  const newest = payment.attempts.at(-1)
  return present(payment, runtime, reader, {
    status: publicStatus(payment),
    attempts: payment.attempts.map(attemptView),
    ...operated(payment),
    ...(newest?.nextAction === undefined || publicStatus(payment) !== 'requires_action'
      ? {}
      : {
          nextAction: {
            ...newest.nextAction,
            expiresAt: new Date(newest.nextAction.expiresAt).toISOString(),
          },
        }),
  })
}

/** Sums count what has succeeded; what may still succeed is in the list. */
function operated(payment: Payment): object {
  if (payment.operations.length === 0) return {}
  const { currency } = payment.context.amount
  const sum = (kind: OperationKind) => ({ currency, value: succeededBy(payment, kind) })
  return {
    captured: { currency, value: capturedValue(payment) },
    refunded: sum('refund'),
    operations: payment.operations.map(presentOperation),
  }
}

/** A capture, void or refund among those of its payment. */
export function presentOperation(operation: Operation): object {
  return { ...presentEnd(operation), kind: operation.kind }
}

/** A refund by itself. */
export function presentRefund({ id, context }: Payment, refund: Operation): object {
  return { ...presentEnd(refund), payment: id, orderId: context.orderId }
}

/** One that failed says why, as far as the upstream did. */
function presentEnd(operation: Operation): object {
  const { id, amount, declineCode } = operation
  return {
    id,
    amount,
    status: operationStatus(operation),
    ...(declineCode === undefined ? {} : { declineCode }),
  }
}

/**
 * A payment as it was answered. Once the payment has ended this never changes, whatever captures, refunds or late
 * evidence come after it.
 */
export function presentAnswer(payment: Payment, runtime: Runtime, reader: Reader): object {
  if (payment.result === undefined || payment.answered === undefined)
    return presentPayment(payment, runtime, reader)
  const status: PublicStatus = payment.result === 'unsent' ? 'declined' : payment.result
  return present(payment, runtime, reader, { status, attempts: payment.answered })
}

/** Why the payment went where it went: every route that the payer had in mind, and what stood against it. */
function explain(payment: Payment, runtime: Runtime, reader: Reader): object[] {
  return payment.considered.flatMap(({ route: id, reasons }) => {
    const route = runtime.routes.get(id)?.route
    if (route === undefined || !payment.context.funding.accept.some(({ tender }) => tender === route.tender))
      return []
    return [
      {
        route: id,
        tender: route.tender,
        label: labelOf(route, reader.locale),
        eligible: reasons.length === 0,
        reasons: wordReasons(reasons, payment.context, route, reader),
      },
    ]
  })
}

function mayTell({ tender }: { readonly tender: string }, reader: Reader): boolean {
  return tender !== 'credit' || reader.tellsOffer
}

function present(
  payment: Payment,
  runtime: Runtime,
  reader: Reader,
  state: { status: PublicStatus; attempts: unknown },
): object {
  const { context } = payment
  const winner = payment.attempts.find(({ reference }) => reference === payment.winner)
  const subject = winner ??
    payment.attempts.at(-1) ?? { route: '', tender: context.funding.accept[0]?.tender ?? 'card' }
  const codes = state.status === 'pending' ? ['TECH_OUTCOME_CONFIRMING'] : payment.reasons
  return {
    id: payment.id,
    ...state,
    orderId: context.orderId,
    amount: context.amount,
    decision: payment.decision,
    reasons: wordReasons(codes, context, routeOf(runtime, subject), reader),
    explanation: explain(payment, runtime, reader),
    ...(winner === undefined ? {} : { route: winner.route, tender: winner.tender }),
    ...(payment.alternatives === undefined
      ? {}
      : {
          alternatives: payment.alternatives
            .filter(way => mayTell(way, reader))
            .map(way => ({
              tender: way.tender,
              route: way.route,
              label: labelOf(routeOf(runtime, way), reader.locale),
            })),
        }),
  }
}
