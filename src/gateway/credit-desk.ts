import { isoDateAt } from '../core/credit/calendar.ts'
import { type ContactRules, DEFAULT_CONTACT_RULES } from '../core/credit/contact.ts'
import { DEFAULT_STAGES, type DelinquencyStage, stageOf } from '../core/credit/delinquency.ts'
import type { AppetiteIndicators } from '../core/credit/risk-appetite.ts'
import type { IsoDate } from '../core/credit/types.ts'
import type { CreditDecision } from '../core/credit/credit-decision.ts'
import { assessPayer, type PayerVerdict, verdictOn } from '../core/credit/payer-verdict.ts'
import type { PayerFacts } from '../core/eligibility/facts.ts'
import { consentFor } from '../core/eligibility/gates.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { Route } from '../core/payment/route.ts'
import { Appetite } from './appetite.ts'
import { Enquiries } from './enquiries.ts'
import { factsInForce, type PayerAt, type PayerRecord, PayerRecords } from './payer-records.ts'
import type { CreditPolicy, GatewayPorts, RouteRuntime, Runtime } from './runtime.ts'
import { ScoreWatch } from './score-watch.ts'

/** Offset of a lender's days when its route does not say: China. */
const UTC_OFFSET_MINUTES = 480
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Decides about payers' credit: policy and appetite of the lender, settings of the payer, bills that are overdue. */
export class CreditDesk implements CreditPolicy {
  readonly appetite: Appetite
  readonly records: PayerRecords
  readonly scores: ScoreWatch
  readonly #ports: GatewayPorts
  readonly #enquiries: Enquiries
  readonly #runtime: () => Runtime
  #date = { day: Number.NaN, iso: '' }

  constructor(ports: GatewayPorts, runtime: () => Runtime, indicators: () => AppetiteIndicators) {
    this.#ports = ports
    this.#runtime = runtime
    this.appetite = new Appetite(ports, indicators)
    this.records = new PayerRecords(ports)
    this.scores = new ScoreWatch(ports.telemetry)
    this.#enquiries = new Enquiries(ports)
  }

  verdict(route: Route, context: PaymentContext, facts: PayerFacts, now: number): PayerVerdict | undefined {
    const terms = this.#route(route.id)?.lending
    if (terms === undefined) return undefined
    const posture = this.appetite.posture()
    const assessed = assessPayer(facts, terms, posture, now, this.#today(now, terms.utcOffsetMinutes))
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
    const { enquiries = [] } = this.#route(route.id) ?? {}
    const [{ record }, known] = await Promise.all([
      paying ? this.records.read(at) : this.records.recent(at),
      this.#enquiries.complete(tenant, route.id, payer, facts, enquiries),
    ])
    return this.held(route, known, record, this.#ports.clock.now())
  }

  /** The lender's facts under what the payer has set, with what the stage of an overdue bill blocks. */
  held(route: Route, facts: PayerFacts, record: PayerRecord, now: number): PayerFacts {
    const held = factsInForce(facts, record, now, this.utcOffsetMinutes(route.id))
    if (held.daysPastDue === 0) return held
    return { ...held, blocks: stageOf(this.stages(route.id), held.daysPastDue).blocks }
  }

  /** A fresh decision about a payer's limit, apart from any purchase. Undefined where the lender alone judges. */
  decide(route: Route, facts: PayerFacts): CreditDecision | undefined {
    const terms = this.#route(route.id)?.lending
    if (terms === undefined) return undefined
    return assessPayer(facts, terms, this.appetite.posture(), this.#ports.clock.now())?.decision
  }

  /** What happens about overdue bills, and when. */
  stages(route: string): readonly DelinquencyStage[] {
    return this.#route(route)?.offer?.stages ?? DEFAULT_STAGES
  }

  /** When and how often payers of a route may be contacted. */
  contactRules(route: string): ContactRules {
    const rules = this.#route(route)?.offer?.contact ?? DEFAULT_CONTACT_RULES
    return { ...rules, utcOffsetMinutes: this.utcOffsetMinutes(route) }
  }

  utcOffsetMinutes(route: string): number {
    return this.#route(route)?.offer?.utcOffsetMinutes ?? UTC_OFFSET_MINUTES
  }

  /** The date changes once a day, and is asked for in every decision. */
  #today(now: number, utcOffsetMinutes: number): IsoDate {
    const day = Math.floor((now + utcOffsetMinutes * MINUTE_MS) / DAY_MS)
    if (this.#date.day !== day) this.#date = { day, iso: isoDateAt(now, utcOffsetMinutes) }
    return this.#date.iso
  }

  #route(id: string): RouteRuntime | undefined {
    return this.#runtime().routes.get(id)
  }
}

/** Under which name a route's credit is kept: holds, limits and bills are one lender's, whatever the route. */
export function lenderOf(route: Route): string {
  return route.lender ?? route.id
}
