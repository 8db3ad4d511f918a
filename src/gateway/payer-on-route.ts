import type { FactState } from '../core/eligibility/facts.ts'
import { lenderOf } from './credit-desk.ts'
import type { Facts } from './facts.ts'
import type { PayerAt } from './payer-records.ts'
import type { Gateway, RouteRuntime } from './runtime.ts'

/** A payer at the lender of a credit route. */
export interface PayerOnRoute {
  readonly tenant: string
  readonly payer: string
  readonly route: string
}

/** The route, when it is one of credit. */
export function creditRoute({ runtime }: Gateway, { route }: PayerOnRoute): RouteRuntime | undefined {
  const known = runtime().routes.get(route)
  return known?.route.tender === 'credit' ? known : undefined
}

/** Under which lender the payer is kept. */
export function atOf({ route }: RouteRuntime, { tenant, payer }: PayerOnRoute): PayerAt {
  return { tenant, lender: lenderOf(route), payer }
}

/** The currency of the lender: lines are kept in one. */
export function currencyOf({ route }: RouteRuntime): string {
  return route.capability.currencies[0] ?? 'CNY'
}

/** A lender that is not asked about payers knows them all, and tells nothing of them. */
export async function factsOf(
  gateway: Gateway,
  facts: Facts,
  known: RouteRuntime,
  { tenant, payer }: PayerOnRoute,
): Promise<FactState> {
  const currency = currencyOf(known)
  const states = await facts.forPayer(
    gateway.runtime(),
    tenant,
    payer,
    currency,
    [known.route],
    () => 'fresh',
  )
  return states.get(known.route.id) ?? { kind: 'unavailable' }
}
