import type { Tender } from '../payment/context.ts'
import type { DeclineCategory } from '../payment/decline.ts'
import type { ReasonCode } from './codes.ts'

/**
 * What a shopper is told when an upstream refused. Refusals of an issuer are told neutrally, as issuers ask, and so
 * cannot be told from those of a risk check.
 */
export function reasonOfDecline(category: DeclineCategory, tender: Tender): ReasonCode {
  switch (category) {
    case 'not_sent':
    case 'upstream_unavailable':
      return 'TECH_ROUTE_UNSTABLE'
    case 'outcome_unknown':
      return 'TECH_OUTCOME_CONFIRMING'
    case 'authentication_required':
      return 'TECH_AUTH_REQUIRED'
    case 'credential_invalid':
      return 'TECH_CREDENTIAL_INVALID'
    case 'insufficient_funds':
      return tender === 'credit' ? 'CRD_LIMIT_INSUFFICIENT' : 'SEC_CANNOT_PROCESS'
    case 'limit_exceeded':
      return tender === 'credit' ? 'CRD_LIMIT_INSUFFICIENT' : 'MER_AMOUNT_OUT_OF_RANGE'
    case 'not_permitted':
      return 'MER_NOT_ENABLED'
    case 'credit_refused':
      return 'CRD_UNAVAILABLE'
    case 'funding_unavailable':
      return 'LIQ_PARTNER_UNAVAILABLE'
    case 'instrument_blocked':
    case 'suspected_fraud':
    case 'issuer_declined':
    case 'invalid_request':
      return 'SEC_CANNOT_PROCESS'
    default:
      return category satisfies never
  }
}
