/**
 * What a reason speaks about. Liquidity and technical reasons never speak of the person; `neutral` says nothing on
 * purpose.
 */
export type ReasonDimension = 'tech' | 'liquidity' | 'credit' | 'merchant' | 'neutral' | 'consent'

/**
 * Every public reason why a route is not offered or did not pay, with the dimension that it speaks about. Gates
 * answer with these codes, never with prose; the catalogues hold the wording.
 */
export const REASON_DIMENSIONS = {
  TECH_CHANNEL_UNSUPPORTED: 'tech',
  TECH_DEVICE_UNSUPPORTED: 'tech',
  TECH_TERMINAL_UNSUPPORTED: 'tech',
  TECH_ROUTE_MAINTENANCE: 'tech',
  TECH_ROUTE_UNSTABLE: 'tech',
  TECH_OUTCOME_CONFIRMING: 'tech',
  TECH_SESSION_EXPIRED: 'tech',
  TECH_AUTH_REQUIRED: 'tech',
  TECH_CREDENTIAL_INVALID: 'tech',
  LIQ_DAILY_CAPACITY: 'liquidity',
  LIQ_TERM_SUSPENDED: 'liquidity',
  LIQ_PARTNER_UNAVAILABLE: 'liquidity',
  LIQ_AMOUNT_RESTRICTED: 'liquidity',
  CRD_NOT_ACTIVATED: 'credit',
  CRD_LIMIT_INSUFFICIENT: 'credit',
  CRD_OVERDUE: 'credit',
  CRD_HISTORY_INSUFFICIENT: 'credit',
  CRD_OBLIGATIONS_HIGH: 'credit',
  CRD_ASSESSMENT_NOT_MET: 'credit',
  CRD_INFO_UNVERIFIED: 'credit',
  CRD_NOT_ELIGIBLE_BY_RULE: 'credit',
  CRD_FROZEN_BY_USER: 'credit',
  /** What a caller without the scope for credit reasons is told instead of any other CRD_ code. */
  CRD_UNAVAILABLE: 'credit',
  MER_NOT_ENABLED: 'merchant',
  MER_GOODS_EXCLUDED: 'merchant',
  MER_AMOUNT_OUT_OF_RANGE: 'merchant',
  SEC_CANNOT_PROCESS: 'neutral',
  /** The payer has not consented to this tender. */
  TENDER_NOT_ACCEPTED: 'consent',
} as const satisfies Record<string, ReasonDimension>

export type ReasonCode = keyof typeof REASON_DIMENSIONS

export const REASON_CODES = Object.keys(REASON_DIMENSIONS) as readonly ReasonCode[]

export function isReasonCode(value: string): value is ReasonCode {
  return Object.hasOwn(REASON_DIMENSIONS, value)
}
