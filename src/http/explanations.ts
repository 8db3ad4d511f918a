import { isoDateAt } from '../core/credit/calendar.ts'
import { readDecision } from '../core/decision-record.ts'
import { explainDecision } from '../core/explain/explain-decision.ts'
import type { Runtime } from '../gateway/runtime.ts'
import { answerJson } from './answer.ts'
import type { Endpoint, HttpDeps } from './endpoint.ts'
import { ENDPOINT_DOCS } from './endpoint-docs.ts'
import { Problem } from './problem.ts'
import { demandScope, readerOf } from './request.ts'

/** Why a way to pay is or is not on offer, in words, from a recorded decision. */
export function registerExplanations({ service }: HttpDeps): Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/v1/decisions/:id/explanation',
      scope: 'read',
      doc: ENDPOINT_DOCS.getExplanation,
      handle: async (context, caller) => {
        const audience = context.req.query('audience') ?? 'shopper'
        if (audience !== 'shopper' && audience !== 'operator') {
          const errors = [{ pointer: '/audience', message: 'must be one of shopper, operator' }]
          throw new Problem('invalid_request', { errors })
        }
        if (audience === 'operator') demandScope(caller, 'explain')
        const row = await service.decision(caller.tenant, context.req.param('id') ?? '')
        if (row === undefined) throw new Problem('not_found')
        const decision = readDecision(row.body)
        const reader = readerOf(context, caller, decision.inputs.context)
        const runtime = service.runtime()
        const told = explainDecision(decision, routesOf(runtime, caller.tenant), {
          reader: audience,
          locale: reader.locale,
          get creditReasons() {
            return reader.creditReasons
          },
          tellsOffer: reader.tellsOffer,
          lenderOf: ({ id }) => lenderOf(runtime, id, row.at),
        })
        return answerJson(context, {
          decision: row.id,
          at: new Date(row.at).toISOString(),
          locale: reader.locale,
          ...told,
        })
      },
    },
  ]
}

function routesOf(runtime: Runtime, tenant: string) {
  return runtime.tenants.get(tenant)?.policy.routes ?? []
}

/** China, for a lender whose route does not say. */
const UTC_OFFSET_MINUTES = 480

function lenderOf(runtime: Runtime, route: string, at: number): { decidedOn: string; contact?: string } {
  const offer = runtime.routes.get(route)?.offer
  const contact = offer?.reviewContact
  return {
    decidedOn: isoDateAt(at, offer?.utcOffsetMinutes ?? UTC_OFFSET_MINUTES),
    ...(contact === undefined ? {} : { contact }),
  }
}
