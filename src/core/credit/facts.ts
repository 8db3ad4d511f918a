import type { FactDimension, FactValue, FactValues } from './types.ts'

/** Where facts about a payer come from. A bureau is one more source, with its own consent, freshness and cost. */
export interface FactSource {
  readonly id: string
  readonly dimension: FactDimension
  /** Whether the payer's separate consent is needed before this source may be asked or its facts used. */
  readonly consentRequired: boolean
  /** Older facts are not used for a decision. */
  readonly freshSeconds: number
  /** What one enquiry costs, in minor units. */
  readonly enquiryCost: number
}

/** A payer's word on one source. Withdrawn consent counts from the moment it is withdrawn. */
export interface FactConsent {
  readonly source: string
  readonly grantedAtMs: number
  readonly withdrawnAtMs?: number
  readonly expiresAtMs?: number
}

/** What one source said. */
export interface FactReading {
  readonly source: string
  readonly asOfMs: number
  readonly values: FactValues
}

export type FactOmission = 'no_consent' | 'stale' | 'from_the_future' | 'absent'

export interface GatheredFacts {
  readonly values: FactValues
  readonly used: readonly { readonly source: string; readonly asOfMs: number }[]
  readonly omitted: readonly { readonly source: string; readonly why: FactOmission }[]
  /** Dimensions of which nothing is known; a scorecard reads their features as missing. */
  readonly unknownDimensions: readonly FactDimension[]
}

/** Clocks of two systems differ; a fact this much ahead is still accepted. */
const CLOCK_SKEW_MS = 60_000

/** Whether a source may be asked, or its facts used, at this moment. */
export function mayUse(source: FactSource, consents: readonly FactConsent[], atMs: number): boolean {
  if (!source.consentRequired) return true
  return consents.some(
    consent =>
      consent.source === source.id &&
      consent.grantedAtMs <= atMs &&
      atMs < (consent.withdrawnAtMs ?? Number.POSITIVE_INFINITY) &&
      atMs < (consent.expiresAtMs ?? Number.POSITIVE_INFINITY),
  )
}

/**
 * Puts the facts of several sources together for one decision. Facts without consent or too old are left out, never
 * quietly used; where two sources name the same value the one configured first wins. What was used, how old it was and
 * what was left out goes into the decision's record.
 */
export function gatherFacts(
  sources: readonly FactSource[],
  consents: readonly FactConsent[],
  readings: readonly FactReading[],
  atMs: number,
): GatheredFacts {
  let values: FactValues = {}
  const used: { source: string; asOfMs: number }[] = []
  const omitted: { source: string; why: FactOmission }[] = []
  const known = new Set<FactDimension>()
  for (const source of sources) {
    const reading = latest(readings, source.id)
    const why = omission(source, consents, reading, atMs)
    if (why || !reading) {
      omitted.push({ source: source.id, why: why ?? 'absent' })
      continue
    }
    // Most payers are known by one source: its values are taken as they are, and copied only for a second one.
    values = used.length === 0 ? reading.values : merged(values, reading.values)
    used.push({ source: source.id, asOfMs: reading.asOfMs })
    known.add(source.dimension)
  }
  const dimensions = [...new Set(sources.map(source => source.dimension))]
  return { values, used, omitted, unknownDimensions: dimensions.filter(dimension => !known.has(dimension)) }
}

/** What the first has no value for is taken from the second. */
function merged(first: FactValues, second: FactValues): FactValues {
  const values: Record<string, FactValue | undefined> = { ...first }
  for (const [name, value] of Object.entries(second)) values[name] ??= value
  return values
}

function omission(
  source: FactSource,
  consents: readonly FactConsent[],
  reading: FactReading | undefined,
  atMs: number,
): FactOmission | undefined {
  // Consent first: whether there is a reading is itself no one's business without it.
  if (!mayUse(source, consents, atMs)) return 'no_consent'
  if (!reading) return 'absent'
  if (reading.asOfMs > atMs + CLOCK_SKEW_MS) return 'from_the_future'
  return atMs - reading.asOfMs > source.freshSeconds * 1_000 ? 'stale' : undefined
}

function latest(readings: readonly FactReading[], source: string): FactReading | undefined {
  let found: FactReading | undefined
  for (const reading of readings) {
    if (reading.source === source && (!found || reading.asOfMs > found.asOfMs)) found = reading
  }
  return found
}
