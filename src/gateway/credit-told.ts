import { DEFAULT_CONTACT_RULES } from '../core/credit/contact.ts'
import { DEFAULT_PREFERENCE } from '../core/credit/notice-round.ts'
import { isCreditCode } from '../core/explain/explain-decision.ts'
import { eventText } from '../core/explain/event-texts.ts'
import type { Payment } from '../core/payment/payment.ts'
import type { Route } from '../core/payment/route.ts'
import { currentContext } from '../core/payment/switch.ts'
import { deliveryWish } from './credit-events.ts'
import { lenderOf } from './credit-desk.ts'

/**
 * `credit.decision` about a payment: the payer's consent to a quote, when its attempt is opened; or a refusal for
 * reasons of credit, when the payment begins without it.
 */
export function creditTold(
  before: Payment | undefined,
  after: Payment,
  routes: readonly Route[],
): { readonly type: 'credit.decision'; readonly data: object } | undefined {
  const { context, considered } = after
  const opened = after.attempts.find(({ tender }) => tender === 'credit')
  if (opened !== undefined) {
    if (before?.attempts.some(({ reference }) => reference === opened.reference) === true) return undefined
    const consent = currentContext(after).funding.accept.find(({ tender }) => tender === 'credit')
    const { quote, instalments } = consent ?? {}
    const terms = {
      ...(quote === undefined ? {} : { quote }),
      ...(instalments === undefined ? {} : { instalments }),
    }
    return told(after, routes, opened.route, { decision: 'accepted', ...terms, reasons: [] })
  }
  if (before !== undefined || !context.funding.accept.some(({ tender }) => tender === 'credit'))
    return undefined
  const refused = considered.find(
    ({ route, reasons }) => isCredit(routes, route) && reasons.some(isCreditCode),
  )
  const offered = considered.some(({ route, reasons }) => isCredit(routes, route) && reasons.length === 0)
  if (refused === undefined || offered) return undefined
  return told(after, routes, refused.route, {
    decision: 'refused',
    reasons: refused.reasons.filter(isCreditCode),
    humanReview: true,
  })
}

function isCredit(routes: readonly Route[], id: string): boolean {
  return routes.some(route => route.id === id && route.tender === 'credit')
}

function told(
  { id, context: { orderId, amount, payer } }: Payment,
  routes: readonly Route[],
  routeId: string,
  decided: {
    readonly decision: 'accepted' | 'refused'
    readonly reasons: readonly string[]
    readonly humanReview?: boolean
  },
): { readonly type: 'credit.decision'; readonly data: object } {
  const route = routes.find(other => other.id === routeId)
  const lender = route === undefined ? routeId : lenderOf(route)
  const preference = { ...DEFAULT_PREFERENCE, locale: payer.locale ?? DEFAULT_PREFERENCE.locale }
  const note = decided.decision === 'accepted' ? 'credit_accepted' : 'credit_refused'
  return {
    type: 'credit.decision',
    data: {
      payer: payer.id,
      route: routeId,
      lender,
      about: 'payment',
      payment: id,
      orderId,
      amount,
      ...decided,
      text: eventText(note, { subject: lender, amount }),
      delivery: deliveryWish(preference, DEFAULT_CONTACT_RULES),
    },
  }
}
