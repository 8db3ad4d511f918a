import type { CreditLine } from '../core/credit/credit-line.ts'
import { stageOf } from '../core/credit/delinquency.ts'
import type { FactState, PayerFacts } from '../core/eligibility/facts.ts'
import { type CreditDesk, lenderOf } from './credit-desk.ts'
import { currencyOf } from './payer-on-route.ts'
import { daysPastDueOf, type PayerRecord, usedCredit } from './payer-records.ts'
import type { Gateway, RouteRuntime } from './runtime.ts'

/** A payer's credit line as it stands. Money in minor units of `currency`; null where the lender cannot be asked. */
export interface LineView {
  readonly route: string
  readonly lender: string
  readonly currency: string
  readonly limit: number | null
  readonly used: number | null
  readonly available: number | null
  /** What the payer has set, null where only the lender's limit holds. */
  readonly ownLimit: number | null
  readonly frozen: { readonly by: 'payer' | 'lender'; readonly sinceMs: number } | null
  readonly daysPastDue: number
  readonly stage: string
  /** Unix ms. */
  readonly asOf: number
}

/** Where the lender cannot be asked, only what the payer has set is known: it can be tightened, not loosened. */
export function lineOf(record: PayerRecord, facts: PayerFacts | undefined): CreditLine {
  const lenders = facts === undefined ? Number.MAX_SAFE_INTEGER : (facts.creditLimit ?? facts.availableCredit)
  const frozen = facts?.frozen === true ? { by: 'lender' as const, atMs: facts.asOf } : record.frozen
  return {
    limit: Math.min(record.ceiling ?? lenders, lenders),
    used: facts === undefined ? 0 : usedCredit(facts),
    frozen,
    raiseDecidedAtMs: record.raiseDecidedAtMs,
  }
}

export function lineView(
  gateway: Gateway,
  desk: CreditDesk,
  known: RouteRuntime,
  record: PayerRecord,
  state: FactState,
): LineView {
  const { route } = known
  const facts = state.kind === 'known' ? state.facts : undefined
  const line = lineOf(record, facts)
  const now = gateway.ports.clock.now()
  const days = Math.max(facts?.daysPastDue ?? 0, daysPastDueOf(record, now, desk.utcOffsetMinutes(route.id)))
  return {
    route: route.id,
    lender: lenderOf(route),
    currency: currencyOf(known),
    limit: facts === undefined ? record.ceiling : line.limit,
    used: facts === undefined ? null : line.used,
    available: facts === undefined ? null : desk.held(route, facts, record, now).availableCredit,
    ownLimit: record.ceiling,
    frozen: line.frozen === null ? null : { by: line.frozen.by, sinceMs: line.frozen.atMs },
    daysPastDue: days,
    stage: stageOf(desk.stages(route.id), days).id,
    asOf: now,
  }
}
