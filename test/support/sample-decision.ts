import { type Decision, type DecisionPolicy, decide, type RouteInputs } from '../../src/core/decision.ts'
import type { AcceptedTender, PaymentContext } from '../../src/core/payment/context.ts'
import type { ConfigInput } from '../../src/config/schema.ts'
import { resolveSecrets } from '../../src/config/secrets.ts'
import type { Outside } from '../../src/entry/outside.ts'
import { buildGeneration } from '../../src/entry/runtime.ts'
import type { RouteEstimate } from '../../src/core/scoring/value.ts'
import { sampleConfig } from './sample-config.ts'

interface ConfigChange {
  /** Merged into the routes of the sample by id, `capability` one level deeper. */
  readonly routes?: Readonly<Record<string, object>>
  readonly policy?: object
  readonly tenantPolicy?: object
}

interface Case {
  readonly config?: ConfigChange
  readonly context?: Partial<PaymentContext>
  readonly accept?: readonly AcceptedTender[]
  readonly now?: number
  readonly seed?: number
  /** What is believed of every card, in place of what all cases share. */
  readonly estimate?: RouteEstimate
  readonly allowance?: number
  /** Approvals so far, of every route. */
  readonly volume?: { readonly day: number; readonly month: number }
}

const NOON = Date.parse('2026-06-01T12:00:00Z')
/** Nothing is sent, so there is nobody to reach. */
const NOWHERE = {
  connector: () => ({}),
  eligibility: () => ({}),
  notifications: () => ({}),
} as unknown as Outside

/** The decision that a configuration makes, built as the gateway builds it, for a payment of 100 yuan by card. */
export function decisionIn(given: Case): Decision {
  return decideWith(policyIn(given.config ?? {}), given)
}

export function policyIn(change: ConfigChange): DecisionPolicy {
  const config = sampleConfig(input => applyChange(input, change))
  const resolved = resolveSecrets(config, { DEMO_API_KEY: 'k'.repeat(40) })
  if (!resolved.ok) throw new Error(resolved.problems.join())
  const policy = buildGeneration(config, 'v', resolved.secrets, NOWHERE).runtime.tenants.get('demo')?.policy
  if (policy === undefined) throw new Error('the tenant is missing')
  return policy
}

function decideWith(policy: DecisionPolicy, given: Case): Decision {
  const now = given.now ?? NOON
  return decide(policy, {
    context: contextOf(given),
    now,
    paying: false,
    prior: [],
    routes: Object.fromEntries(
      policy.routes.map(({ id, tender }) => [
        id,
        {
          ...knownOf(tender === 'credit', now, given.estimate),
          ...(given.volume === undefined ? {} : { volume: given.volume }),
        },
      ]),
    ),
    seed: given.seed ?? 1,
    ...(given.allowance === undefined ? {} : { explorationAllowance: given.allowance }),
  })
}

/** Reasons by route, for the routes of the tenders that the payer accepts (by default the cards). */
export function eligibleIn(given: Case): Record<string, readonly string[]> {
  const { candidates } = decisionIn(given)
  const isCardCase = given.accept === undefined
  const told = candidates.filter(({ route }) => !isCardCase || route.startsWith('card_'))
  return Object.fromEntries(told.map(({ route, reasons }) => [route, reasons]))
}

/** How often each route comes first, over many seeds. */
export function firstAttempts(config: ConfigChange, count = 100, payer = 'u-1'): Record<string, number> {
  const counts: Record<string, number> = {}
  const policy = policyIn(config)
  for (let seed = 0; seed < count; seed++) {
    const first = decideWith(policy, { seed, context: { payer: { id: payer } } }).cascade[0] ?? 'none'
    counts[first] = (counts[first] ?? 0) + 1
  }
  return counts
}

function applyChange(input: ConfigInput, change: ConfigChange): void {
  for (const route of input.routes) {
    const { capability = {}, ...rest } = (change.routes?.[route.id] ?? {}) as { capability?: object }
    Object.assign(route, rest)
    Object.assign(route.capability, capability)
  }
  if (change.policy !== undefined) Object.assign(input, { policy: change.policy })
  if (change.tenantPolicy !== undefined)
    Object.assign(input.tenants[0] ?? {}, { policy: change.tenantPolicy })
}

function contextOf({ context, accept }: Case): PaymentContext {
  return {
    orderId: 'o-1',
    amount: { currency: 'CNY', value: 10_000 },
    channel: 'app',
    payer: { id: 'u-1' },
    items: [{ id: 'i', category: 'gold', amount: { currency: 'CNY', value: 10_000 } }],
    funding: { accept: accept ?? [{ tender: 'card' }] },
    ...context,
  }
}

function knownOf(isCredit: boolean, now: number, estimate?: RouteEstimate): RouteInputs {
  const facts = { activated: true, frozen: false, availableCredit: 100_000, daysPastDue: 0, asOf: now }
  return {
    breaker: 'closed',
    estimate: estimate ?? { approval: 0.9, unknown: 0.01, latencyMs: 1_000 },
    ...(isCredit ? { facts: { kind: 'known', facts, fresh: true }, credit: { reasons: [], pd: 0.05 } } : {}),
  }
}
