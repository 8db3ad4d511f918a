import { readDecision } from '../core/decision-record.ts'
import { answerJson } from './answer.ts'
import type { Endpoint, HttpDeps } from './endpoint.ts'
import { ENDPOINT_DOCS } from './endpoint-docs.ts'
import { presentDecision, presentDecisionRecord } from './present.ts'
import { Problem } from './problem.ts'
import { demandScope, readerOf, readJson } from './request.ts'
import { outcomeSchema, validate, validateContext } from './schema.ts'

/** Deciding for a checkout that executes payments itself, and hearing what came of it. */
export function registerDecisions({ service, settings }: HttpDeps): Endpoint[] {
  return [
    {
      method: 'POST',
      path: '/v1/decisions',
      scope: 'decide',
      doc: ENDPOINT_DOCS.postDecision,
      handle: async (context, caller) => {
        const body = await readJson(context, settings())
        const payment = validateContext(body.value)
        const decided = await service.decide(caller.tenant, payment, {
          requestId: context.get('requestId'),
          durable: /\bdurable\b/.test(context.req.header('prefer') ?? ''),
        })
        if (decided.timing !== undefined) {
          context.get('steps').add('elig', decided.timing.eligibilityMs)
          context.get('steps').add('score', decided.timing.scoringMs)
        }
        const reader = readerOf(context, caller, payment)
        return answerJson(context, presentDecision(decided, service.runtime(), reader))
      },
    },
    {
      method: 'GET',
      path: '/v1/decisions/:id',
      scope: 'read',
      doc: ENDPOINT_DOCS.getDecision,
      handle: async (context, caller) => {
        const row = await service.decision(caller.tenant, context.req.param('id') ?? '')
        if (row === undefined) throw new Problem('not_found')
        const decision = readDecision(row.body)
        if (caller.scopes.has('explain') && caller.scopes.has('creditReasons')) {
          return answerJson(context, presentDecisionRecord(row, decision))
        }
        const reader = readerOf(context, caller, decision.inputs.context)
        return answerJson(
          context,
          presentDecision({ id: row.id, tenant: row.tenant, decision }, service.runtime(), reader),
        )
      },
    },
    {
      method: 'POST',
      path: '/v1/decisions/:id/outcomes',
      scope: 'outcome',
      doc: ENDPOINT_DOCS.postOutcome,
      handle: async (context, caller) => {
        demandScope(caller, 'outcome')
        const body = await readJson(context, settings())
        const report = validate(outcomeSchema, body.value)
        const receipt = await service.reportOutcome(caller.tenant, context.req.param('id') ?? '', report)
        switch (receipt.kind) {
          case 'unknown_decision':
            throw new Problem('not_found')
          case 'unknown_route':
            throw new Problem('invalid_request', {
              errors: [{ pointer: '/route', message: 'must be a route of the decision' }],
            })
          case 'counted':
          case 'duplicate':
            return answerJson(
              context,
              { counted: receipt.kind === 'counted' },
              receipt.kind === 'counted' ? 201 : 200,
            )
        }
      },
    },
  ]
}
