import { BPS } from '../payment/money.ts'
import type { Pool } from './types.ts'

export type LegalRatioId =
  | 'jointOwnShareMin'
  | 'jointPartnerOfTier1Max'
  | 'jointAllOfBankLoansMax'
  | 'nonStandardOfNetAssetsMax'
  | 'standardOfNetAssetsMax'

/** A ratio set by law, in force from a day (ISO date, China time) until a later entry of the same id. */
export interface LegalRatio {
  readonly id: LegalRatioId
  readonly effectiveFrom: string
  readonly bps: number
  readonly source: string
}

/** Data, never code: a change of the law is a further line. Oldest first within an id. */
export const LEGAL_RATIOS: readonly LegalRatio[] = [
  { id: 'jointOwnShareMin', effectiveFrom: '2022-01-01', bps: 3_000, source: '银保监办发〔2021〕24号' },
  { id: 'jointPartnerOfTier1Max', effectiveFrom: '2022-01-01', bps: 2_500, source: '银保监办发〔2021〕24号' },
  { id: 'jointAllOfBankLoansMax', effectiveFrom: '2022-01-01', bps: 5_000, source: '银保监办发〔2021〕24号' },
  {
    id: 'nonStandardOfNetAssetsMax',
    effectiveFrom: '2020-09-07',
    bps: 10_000,
    source: '银保监办发〔2020〕86号',
  },
  {
    id: 'standardOfNetAssetsMax',
    effectiveFrom: '2020-09-07',
    bps: 40_000,
    source: '银保监办发〔2020〕86号',
  },
]

/** The ratio in basis points that holds on a day (ISO date); undefined before the first entry. */
export function legalRatioBps(
  id: LegalRatioId,
  day: string,
  ratios: readonly LegalRatio[] = LEGAL_RATIOS,
): number | undefined {
  return ratios.findLast(ratio => ratio.id === id && ratio.effectiveFrom <= day)?.bps
}

export interface PoolProblem {
  readonly source: string
  readonly problem:
    | 'own_share_under_legal_minimum'
    | 'own_share_over_whole'
    | 'own_source_missing'
    | 'duplicate_source'
}

/** What makes a pool unlawful or incoherent on a day (ISO date); empty when it may be used. For loading config. */
export function poolProblems(pool: Pool, day: string): PoolProblem[] {
  const problems: PoolProblem[] = []
  const ownShareMinBps = legalRatioBps('jointOwnShareMin', day) ?? 0
  const seen = new Set<string>()
  for (const source of pool.sources) {
    if (seen.has(source.id)) problems.push({ source: source.id, problem: 'duplicate_source' })
    seen.add(source.id)
    if (source.kind !== 'joint_loan') continue
    if (source.ownShareBps < ownShareMinBps) {
      problems.push({ source: source.id, problem: 'own_share_under_legal_minimum' })
    }
    if (source.ownShareBps >= BPS) problems.push({ source: source.id, problem: 'own_share_over_whole' })
    const own = pool.sources.find(other => other.id === source.ownSource)
    if (own?.kind !== 'own_funds') problems.push({ source: source.id, problem: 'own_source_missing' })
  }
  return problems
}
