import { isoDateAt } from '../core/credit/calendar.ts'
import type { AppetiteIndicators } from '../core/credit/risk-appetite.ts'
import { type CreditDecision, decideCredit } from '../core/credit/credit-decision.ts'
import { DEFAULT_CREDIT_POLICY } from '../core/credit/credit-policy.ts'
import { assessPayer, type PayerVerdict, verdictOn } from '../core/credit/payer-verdict.ts'
import type { PayerFacts } from '../core/eligibility/facts.ts'
import { consentFor } from '../core/eligibility/gates.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { Route } from '../core/payment/route.ts'
import { Appetite } from './appetite.ts'
import { factsInForce, type PayerAt, PayerRecords } from './payer-records.ts'
import type { CreditPolicy, GatewayPorts, RouteRuntime, Runtime } from './runtime.ts'
import { ScoreWatch } from './score-watch.ts'

/** Offset of a lender's days when its route does not say: China. */
const UTC_OFFSET_MINUTES = 480

/** Decides about payers' credit: policy and appetite of the lender, settings of the payer, bills that are overdue. */
export class CreditDesk implements CreditPolicy {
  readonly appetite: Appetite
  readonly records: PayerRecords
  readonly scores: ScoreWatch
  readonly #ports: GatewayPorts
  readonly #runtime: () => Runtime

  constructor(ports: GatewayPorts, runtime: () => Runtime, indicators: () => AppetiteIndicators) {
    this.#ports = ports
    this.#runtime = runtime
    this.appetite = new Appetite(ports, indicators)
    this.records = new PayerRecords(ports)
    this.scores = new ScoreWatch(ports.telemetry)
  }

  verdict(route: Route, context: PaymentContext, facts: PayerFacts, now: number): PayerVerdict | undefined {
    const terms = this.#route(route.id)?.lending
    if (terms === undefined) return undefined
    const posture = this.appetite.posture()
    const assessed = assessPayer(facts, terms, posture, now)
    if (assessed === undefined) return undefined
    if (terms.scorer !== undefined) {
      this.scores.count(route.id, context.payer.id, facts, terms.scorer, assessed)
    }
    const instalments = consentFor(context, route)?.instalments
    return verdictOn(assessed, terms, posture, facts, {
      amount: context.amount.value,
      ...(instalments === undefined ? {} : { instalments }),
    })
  }

  async inForce(
    tenant: string,
    route: Route,
    payer: string,
    facts: PayerFacts,
    paying: boolean,
  ): Promise<PayerFacts> {
    const at: PayerAt = { tenant, lender: lenderOf(route), payer }
    const { record } = await (paying ? this.records.read(at) : this.records.recent(at))
    return factsInForce(facts, record, this.#ports.clock.now(), this.utcOffsetMinutes(route.id))
  }

  /** A fresh decision about a payer's limit, apart from any purchase. */
  decide(route: Route, facts: PayerFacts): CreditDecision {
    const now = this.#ports.clock.now()
    const terms = this.#route(route.id)?.lending
    const posture = this.appetite.posture()
    const assessed = terms === undefined ? undefined : assessPayer(facts, terms, posture, now)
    if (assessed !== undefined) return assessed.decision
    // Nothing to judge by: law and account still speak, then it is for a person.
    const policy = { ...DEFAULT_CREDIT_POLICY, lender: lenderOf(route) }
    const applicant = {
      legal: facts.legal ?? { birthDate: null, isStudent: null, identityVerified: null },
      existingCustomer: facts.activated,
      frozenByUser: facts.frozen,
      daysPastDue: facts.daysPastDue,
      assessment: null,
      monthlyIncome: null,
      monthlyObligations: null,
    }
    return decideCredit(applicant, policy, posture, isoDateAt(now, this.utcOffsetMinutes(route.id)))
  }

  utcOffsetMinutes(route: string): number {
    return this.#route(route)?.offer?.utcOffsetMinutes ?? UTC_OFFSET_MINUTES
  }

  #route(id: string): RouteRuntime | undefined {
    return this.#runtime().routes.get(id)
  }
}

/** Under which name a route's credit is kept: holds, limits and bills are one lender's, whatever the route. */
export function lenderOf(route: Route): string {
  return route.lender ?? route.id
}
