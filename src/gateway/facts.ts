import type { FactState, PayerFacts } from '../core/eligibility/facts.ts'
import { CLOCK_ERROR_MS } from '../core/payment/transition.ts'
import type { Route } from '../core/payment/route.ts'
import type { FactsAnswer } from '../ports/eligibility-provider.ts'
import type { FactsSettings, GatewayPorts, RouteRuntime, Runtime } from './runtime.ts'

/** What is kept in the cache for one payer on one route. */
type CachedFacts = { readonly at: number; readonly facts: PayerFacts | null }

/**
 * What a decision waits for: facts that are fresh, as paying with credit demands; any that are known, as a quote does;
 * or nothing, where they are only for the record. What is missing or stale is asked for in any case.
 */
export type Patience = 'fresh' | 'known' | 'none'

/** How many lookups may be under way at once; more are answered `unavailable` at once. */
const LOOKUPS_MAX = 1_000

/**
 * Facts about payers, cached: fresh ones are used as they are, stale ones at once with a refresh behind them,
 * missing ones are asked for, one request per payer and route however many wait. One cache round trip per
 * decision, however many routes. The cache may lose or invent nothing that matters: facts carry `asOf`, and the
 * journal's holds guard the payer's credit.
 */
export class Facts {
  readonly #ports: GatewayPorts
  readonly #lookups = new Map<string, Promise<FactState>>()

  constructor(ports: GatewayPorts) {
    this.#ports = ports
  }

  /**
   * Facts of every route that needs them, by route id. Never rejects. A route whose facts are not there yet and are
   * not waited for is left out.
   */
  async forPayer(
    runtime: Runtime,
    tenant: string,
    payer: string,
    currency: string,
    routes: readonly Route[],
    patience: (route: Route) => Patience,
  ): Promise<Map<string, FactState>> {
    const asked: { id: string; key: string; settings: FactsSettings; waits: Patience }[] = []
    for (const route of routes) {
      const { id } = route
      const settings = (runtime.routes.get(id) as RouteRuntime).facts
      if (settings !== undefined)
        asked.push({
          id,
          key: cacheKey(runtime, tenant, payer, currency, id),
          settings,
          waits: patience(route),
        })
    }
    const found = new Map<string, FactState>()
    if (asked.length === 0) return found
    const cached = await this.#ports.cache.getMany(asked.map(({ key }) => key))
    const now = this.#ports.clock.now()
    const waiting: Promise<void>[] = []
    for (const [i, { id, key, settings, waits }] of asked.entries()) {
      const state = readCached(cached[i], settings, now)
      this.#ports.telemetry.record({ kind: 'eligibility_cache', result: resultOf(state, cached[i]) })
      if (state !== undefined) found.set(id, state)
      if (state !== undefined && (state.kind !== 'known' || state.fresh)) continue
      const lookup = this.#lookup(key, payer, currency, settings)
      if (waits === 'none' || (waits === 'known' && state !== undefined)) continue
      waiting.push(lookup.then(answer => void found.set(id, fallBack(answer, state))))
    }
    if (waiting.length > 0) await Promise.all(waiting)
    return found
  }

  /** Forgets what is cached about a payer, after our own payments and when the lender tells of a change. */
  async invalidate(
    runtime: Runtime,
    tenant: string,
    payer: string,
    currency: string,
    route: string,
  ): Promise<void> {
    const key = cacheKey(runtime, tenant, payer, currency, route)
    // A lookup under way may have been answered before the change: whoever asks from now on asks anew.
    this.#lookups.delete(key)
    await this.#ports.cache.delete([key])
  }

  #lookup(key: string, payer: string, currency: string, settings: FactsSettings): Promise<FactState> {
    const running = this.#lookups.get(key)
    if (running !== undefined) return running
    if (this.#lookups.size >= LOOKUPS_MAX) return Promise.resolve({ kind: 'unavailable' })
    const isCurrent = (): boolean => this.#lookups.get(key) === lookup
    const lookup: Promise<FactState> = this.#ask(key, payer, currency, settings, isCurrent).finally(() => {
      if (isCurrent()) this.#lookups.delete(key)
    })
    this.#lookups.set(key, lookup)
    return lookup
  }

  async #ask(
    key: string,
    payer: string,
    currency: string,
    settings: FactsSettings,
    isCurrent: () => boolean,
  ): Promise<FactState> {
    const askedAt = this.#ports.clock.now()
    const answer: FactsAnswer = await settings.provider.facts(payer, currency, {
      timeoutMs: settings.timeoutMs,
    })
    if (answer.kind === 'unavailable') return { kind: 'unavailable' }
    const at = this.#ports.clock.now()
    // Whatever a lender's clock says: it cannot know what we have approved since we asked.
    const facts =
      answer.kind === 'known' ? { ...answer.facts, asOf: Math.min(answer.facts.asOf, askedAt) } : null
    const cached: CachedFacts = { at, facts }
    const ttlSeconds = facts === null ? settings.negativeSeconds : settings.staleSeconds
    if (isCurrent()) void this.#ports.cache.set(key, JSON.stringify(cached), ttlSeconds)
    return facts === null ? { kind: 'unknown_payer' } : { kind: 'known', facts, fresh: true }
  }
}

/** The tenant and payer are the hash tag, so that one payer's facts lie on one node of a cluster. */
function cacheKey(runtime: Runtime, tenant: string, payer: string, currency: string, route: string): string {
  return `fundroute:facts:{${tenant}:${payer}}:${route}:${currency}:${runtime.version}`
}

function readCached(text: string | undefined, settings: FactsSettings, now: number): FactState | undefined {
  if (text === undefined) return undefined
  const cached = parseCached(text)
  if (cached === undefined) return undefined
  // Stamped by a clock ahead of ours, it would stay fresh for as long as that clock is ahead.
  if (cached.at > now + CLOCK_ERROR_MS) return undefined
  const ageSeconds = (now - cached.at) / 1_000
  if (cached.facts === null)
    return ageSeconds <= settings.negativeSeconds ? { kind: 'unknown_payer' } : undefined
  if (ageSeconds > settings.staleSeconds) return undefined
  return { kind: 'known', facts: cached.facts, fresh: ageSeconds <= settings.freshSeconds }
}

/** The cache is shared: whatever does not look like what we wrote is a miss. */
function parseCached(text: string): CachedFacts | undefined {
  try {
    const value = JSON.parse(text) as Partial<CachedFacts> | null
    if (typeof value?.at !== 'number' || value.facts === undefined) return undefined
    if (value.facts === null) return { at: value.at, facts: null }
    const { activated, frozen, availableCredit, daysPastDue, asOf } = value.facts
    const sound =
      typeof activated === 'boolean' &&
      typeof frozen === 'boolean' &&
      Number.isSafeInteger(availableCredit) &&
      Number.isSafeInteger(daysPastDue) &&
      typeof asOf === 'number' &&
      asOf <= value.at
    return sound ? { at: value.at, facts: value.facts } : undefined
  } catch {
    return undefined
  }
}

/** When the provider cannot be asked, facts that are too old to pay with still tell why in a quote. */
function fallBack(asked: FactState, stale: FactState | undefined): FactState {
  return asked.kind === 'unavailable' && stale !== undefined ? stale : asked
}

function resultOf(
  state: FactState | undefined,
  text: string | undefined,
): 'fresh' | 'stale' | 'negative' | 'miss' | 'error' {
  if (state === undefined) return text === undefined ? 'miss' : 'error'
  if (state.kind === 'known') return state.fresh ? 'fresh' : 'stale'
  return 'negative'
}
