import type { PaymentContext } from '../core/payment/context.ts'
import type { Quote, QuoteOption } from '../gateway/quote.ts'
import { answerJson } from './answer.ts'
import type { Endpoint, HttpDeps } from './endpoint.ts'
import { ENDPOINT_DOCS } from './endpoint-docs.ts'
import { type Reader, routeOf, wordReasons } from './present.ts'
import { readerOf, readJson } from './request.ts'
import { validateContext } from './schema.ts'

/** What a checkout page shows before the payer has chosen. */
export function registerQuotes(deps: HttpDeps): Endpoint[] {
  const { service, settings } = deps
  return [
    {
      method: 'POST',
      path: '/v1/quotes',
      scope: 'quote',
      doc: ENDPOINT_DOCS.postQuotes,
      handle: async (context, caller) => {
        const body = await readJson(context, settings())
        const payment = validateContext(body.value)
        const options = await service.quotes(caller.tenant, payment)
        const reader = readerOf(context, caller, payment)
        return answerJson(context, {
          options: options.map(option => presentOption(deps, payment, option, reader)),
        })
      },
    },
  ]
}

function presentOption(deps: HttpDeps, context: PaymentContext, found: QuoteOption, reader: Reader): object {
  const hidden = found.tender === 'credit' && !reader.tellsOffer
  const option: QuoteOption = hidden
    ? { ...found, available: false, reasons: ['CRD_UNAVAILABLE'], suspended: [], quotes: [] }
    : found
  return {
    tender: option.tender,
    route: option.route,
    ...(option.lender === undefined ? {} : { lender: option.lender }),
    available: option.available,
    reasons: wordReasons(option.reasons, context, routeOf(deps.service.runtime(), option), reader),
    ...(option.suspended.length === 0 ? {} : { suspendedTerms: option.suspended }),
    plans: option.quotes.map(presentPlan),
  }
}

/** Every fee with its payee, the whole schedule, and both annual rates under their own names. */
function presentPlan({ id, plan, expiresAt }: Quote): object {
  return {
    quote: id,
    instalments: plan.instalments,
    schedule: plan.schedule,
    feeItems: plan.feeItems,
    totalFee: plan.totalFee,
    totalPayable: plan.totalPayable,
    annualRateSimple: plan.annualRateSimple,
    annualRateCompound: plan.annualRateCompound,
    feeRefundable: plan.feeRefundable,
    expiresAt: new Date(expiresAt).toISOString(),
  }
}
