import { CLOCK_ERROR_MS } from '../core/payment/transition.ts'
import type { FactorReading, PayerFacts } from '../core/eligibility/facts.ts'
import type { FactSourceProvider } from '../ports/fact-source.ts'
import type { GatewayPorts } from './runtime.ts'

/** A source that the gateway asks itself, beside the lender. */
export interface EnquirySource {
  readonly source: string
  readonly provider: FactSourceProvider
  readonly consentRequired: boolean
  readonly timeoutMs: number
  readonly freshSeconds: number
  /** Minor units. */
  readonly cost: number
}

interface Kept {
  readonly at: number
  /** Null for a payer whom the source does not know. */
  readonly reading: FactorReading | null
}

/** How long a source that failed is left alone about a payer, seconds: each question may cost money. */
const REST_SECONDS = 30
/** Questions under way at once; more are answered as if the source were down. */
const ASKED_MAX = 500

/**
 * What other sources than the lender know of payers: asked only with the payer's consent where that is needed, once for
 * as long as the answer is fresh, one question per payer and source however many wait. What each question costs is
 * counted. A source that fails is left out, and its features count as not known.
 */
export class Enquiries {
  readonly #ports: GatewayPorts
  readonly #asked = new Map<string, Promise<FactorReading | null>>()

  constructor(ports: GatewayPorts) {
    this.#ports = ports
  }

  /** The facts with what the sources know. Never rejects. */
  async complete(
    tenant: string,
    route: string,
    payer: string,
    facts: PayerFacts,
    sources: readonly EnquirySource[],
  ): Promise<PayerFacts> {
    const mine = sources.filter(source => !source.consentRequired || hasConsent(facts, source.source))
    if (mine.length === 0) return facts
    const keys = mine.map(({ source }) => `fundroute:source:{${tenant}:${payer}}:${route}:${source}`)
    const kept = await this.#ports.cache.getMany(keys)
    const now = this.#ports.clock.now()
    const readings = await Promise.all(
      mine.map((source, i) => {
        const known = readKept(kept[i], source, now)
        return known === undefined
          ? this.#ask(keys[i] as string, route, payer, source)
          : Promise.resolve(known.reading)
      }),
    )
    const known = readings.filter(reading => reading !== null)
    if (known.length === 0) return facts
    // What the lender passed on of such a source is the payer's word, and no newer knowledge.
    const others = (facts.factors ?? []).filter(({ source }) => known.every(own => own.source !== source))
    return { ...facts, factors: [...others, ...known] }
  }

  #ask(key: string, route: string, payer: string, source: EnquirySource): Promise<FactorReading | null> {
    const running = this.#asked.get(key)
    if (running !== undefined) return running
    if (this.#asked.size >= ASKED_MAX) return Promise.resolve(null)
    const asking = this.#enquire(key, route, payer, source).finally(() => this.#asked.delete(key))
    this.#asked.set(key, asking)
    return asking
  }

  async #enquire(
    key: string,
    route: string,
    payer: string,
    { source, provider, timeoutMs, freshSeconds, cost }: EnquirySource,
  ): Promise<FactorReading | null> {
    const { cache, clock, telemetry } = this.#ports
    const askedAt = clock.now()
    const answer = await provider.ask(payer, { timeoutMs })
    telemetry.record({ kind: 'enquiry', route, result: answer.kind, cost })
    const reading: FactorReading | null =
      answer.kind === 'known'
        ? { source, asOf: Math.min(answer.asOf ?? askedAt, askedAt), consent: true, values: answer.values }
        : null
    const keptSeconds = answer.kind === 'unavailable' ? REST_SECONDS : freshSeconds
    const kept: Kept = { at: clock.now(), reading }
    void cache.set(key, JSON.stringify(kept), keptSeconds)
    return reading
  }
}

/** The lender passes on the payer's word on a source with its facts. */
function hasConsent({ factors = [] }: PayerFacts, source: string): boolean {
  return factors.some(factor => factor.source === source && factor.consent === true)
}

/** The cache is shared: whatever does not look like what we wrote is asked anew. */
function readKept(text: string | undefined, source: EnquirySource, now: number): Kept | undefined {
  if (text === undefined) return undefined
  try {
    const kept = JSON.parse(text) as Partial<Kept> | null
    const { at, reading } = kept ?? {}
    if (typeof at !== 'number' || at > now + CLOCK_ERROR_MS || reading === undefined) return undefined
    if (now - at > source.freshSeconds * 1_000) return undefined
    if (reading === null) return { at, reading }
    return typeof reading.values === 'object' && reading.source === source.source
      ? { at, reading }
      : undefined
  } catch {
    return undefined
  }
}
