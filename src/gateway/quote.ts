import { isoDateAt } from '../core/credit/calendar.ts'
import type { InstalmentTerms } from '../core/credit/instalment-plan.ts'
import { offerInstalmentPlans } from '../core/credit/price-cap.ts'
import type { InstalmentPlan } from '../core/credit/types.ts'
import { type Candidate, type Decision, decide, type RouteInputs } from '../core/decision.ts'
import type { PaymentContext, Tender } from '../core/payment/context.ts'
import { sameMoney } from '../core/payment/money.ts'
import { gatherInputs } from './decide.ts'
import type { Facts } from './facts.ts'
import { newReference } from './ids.ts'
import type { Gateway, RouteRuntime, Runtime, TenantRuntime } from './runtime.ts'

/** Terms that a payer may accept, as they were shown: what a credit payment consents to. */
export interface Quote {
  readonly id: string
  readonly tenant: string
  readonly payer: string
  readonly orderId: string
  readonly amount: PaymentContext['amount']
  readonly route: string
  readonly lender: string
  readonly plan: InstalmentPlan
  /** Unix ms. */
  readonly expiresAt: number
}

/** One way to pay as a checkout page shows it. */
export interface QuoteOption {
  readonly tender: Tender
  readonly route: string
  readonly lender?: string
  readonly available: boolean
  /** Why not; of an available option, why terms of its route are missing. */
  readonly reasons: readonly string[]
  /** Terms of the route that are paused for now. */
  readonly suspended: readonly number[]
  readonly quotes: readonly Quote[]
}

const QUOTES = 'quote'

/**
 * The options of a checkout page: every tender, the best route of each, why the others are not on offer, and for
 * credit the plans with their price. Each plan is a quote with an id, durable before it is shown, bound to payer,
 * order, amount, lender and terms. Charges nothing; safe to repeat.
 */
export async function makeQuotes(
  gateway: Gateway,
  facts: Facts,
  tenantId: string,
  context: PaymentContext,
  shard = 0,
): Promise<QuoteOption[]> {
  const runtime = gateway.runtime()
  const tenant = runtime.tenants.get(tenantId) as TenantRuntime
  const open = acceptEverything(context, tenant)
  const inputs = await gatherInputs(gateway, runtime, facts, {
    tenant,
    context: open,
    paying: false,
    prior: [],
    seed: 0,
  })
  const decision = decide(tenant.policy, inputs)
  const options = bestOfEachTender(decision).map(candidate =>
    toOption(
      { gateway, runtime, tenant, context, shard, terms: termsNow(inputs.routes[candidate.route]) },
      candidate,
    ),
  )
  await keep(
    gateway,
    options.flatMap(({ quotes }) => quotes),
  )
  return options
}

/** A page asks before the payer has chosen: consent stands in nobody's way yet. */
function acceptEverything(context: PaymentContext, tenant: TenantRuntime): PaymentContext {
  const tenders = new Set(tenant.policy.routes.map(route => route.tender))
  const named = context.funding.accept.filter(({ tender }) => tenders.delete(tender))
  const accept = [
    ...named.map(accepted => ({ tender: accepted.tender })),
    ...[...tenders].map(tender => ({ tender })),
  ]
  return { ...context, funding: { ...context.funding, accept, preference: 'best_value' } }
}

/** The eligible route worth most, else the one with the fewest reasons against it. */
function bestOfEachTender(decision: Decision): Candidate[] {
  const best = new Map<Tender, Candidate>()
  for (const candidate of decision.candidates) {
    const other = best.get(candidate.tender)
    if (other === undefined || isBetter(candidate, other)) best.set(candidate.tender, candidate)
  }
  return [...best.values()].sort(
    (a, b) => Number(b.eligible) - Number(a.eligible) || b.value.index - a.value.index,
  )
}

function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.eligible !== b.eligible) return a.eligible
  if (!a.eligible && a.reasons.length !== b.reasons.length) return a.reasons.length < b.reasons.length
  return a.value.index > b.value.index
}

/** What the options of one candidate are made from. */
interface Offering {
  readonly gateway: Gateway
  readonly runtime: Runtime
  readonly tenant: TenantRuntime
  readonly context: PaymentContext
  readonly shard: number
  readonly terms: TermsNow
}

function toOption(offering: Offering, candidate: Candidate): QuoteOption {
  const { runtime, terms } = offering
  const known = runtime.routes.get(candidate.route) as RouteRuntime
  const { lender } = known.route
  const quotes = candidate.eligible ? quotesOf(offering, known) : []
  // A credit route whose every term is above the legal cap makes no offer.
  const priced = known.offer === undefined || quotes.length > 0 || !candidate.eligible
  const suspended = known.route.capability.instalments.filter(term => terms.pool?.includes(term) === false)
  const paused = candidate.eligible && suspended.length > 0 ? ['LIQ_TERM_SUSPENDED'] : []
  return {
    tender: candidate.tender,
    route: candidate.route,
    ...(lender === undefined ? {} : { lender }),
    available: candidate.eligible && priced,
    reasons: priced ? [...candidate.reasons, ...paused] : [termReason(offering, known)],
    suspended: candidate.eligible ? suspended : [],
    quotes,
  }
}

/** The terms that the pool lends and that the payer may have; undefined where nothing limits them. */
interface TermsNow {
  readonly pool: readonly number[] | undefined
  readonly payer: readonly number[] | undefined
  /** The payer's grade has its own price. */
  readonly monthlyFeePpm?: number
}

function termsNow(inputs: RouteInputs | undefined): TermsNow {
  const paused = inputs?.credit?.paused
  const payer = inputs?.credit?.terms
  const lent = inputs?.liquidity?.terms ?? (paused === undefined ? undefined : payer)
  const fee = inputs?.credit?.monthlyFeePpm
  return {
    pool: paused === undefined ? lent : lent?.filter(term => !paused.includes(term)),
    payer,
    ...(fee === undefined ? {} : { monthlyFeePpm: fee }),
  }
}

function wantedTerm({ context }: Offering, { route }: RouteRuntime): number | undefined {
  return context.funding.accept.find(({ tender }) => tender === route.tender)?.instalments
}

/** Why no term is left: the payer's own grade is told as that, everything else is the lender's doing. */
function termReason(offering: Offering, known: RouteRuntime): string {
  const { payer } = offering.terms
  const wanted = wantedTerm(offering, known)
  const graded = payer !== undefined && (wanted === undefined ? payer.length === 0 : !payer.includes(wanted))
  return graded ? 'CRD_ASSESSMENT_NOT_MET' : 'LIQ_TERM_SUSPENDED'
}

/** Terms without a fee stay without one, whatever the grade. */
function pricedFor(term: InstalmentTerms, { monthlyFeePpm }: TermsNow): InstalmentTerms {
  return monthlyFeePpm === undefined || term.monthlyFeePpm === 0 ? term : { ...term, monthlyFeePpm }
}

function quotesOf(offering: Offering, known: RouteRuntime): Quote[] {
  const { gateway, runtime, tenant, context, shard, terms } = offering
  const { route, offer } = known
  if (offer === undefined) return []
  const now = gateway.ports.clock.now()
  const wanted = wantedTerm(offering, known)
  const { plans } = offerInstalmentPlans(
    {
      currency: context.amount.currency,
      principal: context.amount.value,
      startDate: isoDateAt(now, offer.utcOffsetMinutes),
    },
    offer.terms
      .filter(
        ({ instalments }) =>
          route.capability.instalments.includes(instalments) &&
          (terms.pool?.includes(instalments) ?? true) &&
          (terms.payer?.includes(instalments) ?? true) &&
          (wanted === undefined || instalments === wanted),
      )
      .map(term => pricedFor(term, terms)),
    runtime.priceCaps,
  )
  return plans.map(plan => ({
    id: `quo_${newReference(gateway.ports.clock, gateway.ports.random, shard)}`,
    tenant: tenant.id,
    payer: context.payer.id,
    orderId: context.orderId,
    amount: context.amount,
    route: route.id,
    lender: route.lender ?? route.id,
    plan,
    expiresAt: now + offer.quoteSeconds * 1_000,
  }))
}

async function keep(gateway: Gateway, quotes: readonly Quote[]): Promise<void> {
  const at = gateway.ports.clock.now()
  await Promise.all(
    quotes.map(quote =>
      gateway.ports.journal.putRecord(
        { collection: QUOTES, key: `${quote.tenant}/${quote.id}`, at, body: JSON.stringify(quote) },
        0,
      ),
    ),
  )
}

/** What was wrong with the quote of a credit payment, and which of the accepted tenders names it. */
export interface QuoteFault {
  readonly code: 'quote_required' | 'quote_changed'
  readonly position: number
}

/**
 * The context with the terms that its quotes stand for: the route of the lender that made the quote, and the number
 * of instalments. A quote stands when it is known, not expired, and made for this payer, order and amount; anything
 * else needs a new quote and the payer's eyes on it.
 */
export async function acceptQuotes(
  gateway: Gateway,
  tenant: string,
  context: PaymentContext,
): Promise<PaymentContext | QuoteFault> {
  if (!context.funding.accept.some(({ tender }) => tender === 'credit')) return context
  const accept = []
  for (const [position, accepted] of context.funding.accept.entries()) {
    if (accepted.tender !== 'credit') {
      accept.push(accepted)
      continue
    }
    if (accepted.quote === undefined) return { code: 'quote_required', position }
    const quote = await findQuote(gateway, tenant, accepted.quote)
    if (quote === undefined || !stands(quote, gateway.ports.clock.now(), context, accepted.instalments)) {
      return { code: 'quote_changed', position }
    }
    accept.push({ ...accepted, instalments: quote.plan.instalments, route: quote.route })
  }
  return { ...context, funding: { ...context.funding, accept } }
}

async function findQuote(gateway: Gateway, tenant: string, id: string): Promise<Quote | undefined> {
  const row = await gateway.ports.journal.getRecord(QUOTES, `${tenant}/${id}`)
  return row === undefined ? undefined : (JSON.parse(row.body) as Quote)
}

function stands(
  quote: Quote,
  now: number,
  context: PaymentContext,
  instalments: number | undefined,
): boolean {
  return (
    quote.expiresAt > now &&
    quote.payer === context.payer.id &&
    quote.orderId === context.orderId &&
    sameMoney(quote.amount, context.amount) &&
    (instalments === undefined || instalments === quote.plan.instalments)
  )
}
