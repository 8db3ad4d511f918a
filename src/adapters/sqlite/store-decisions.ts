import type { DecisionRow, OutcomeRow } from '../../ports/journal.ts'
import { one, type StoreContext } from './database.ts'

const DECISION = 'select id, tenant, order_id as orderId, at, body from decisions'

/** The statements about decisions and their outcomes. */
export function decisionCalls(context: StoreContext) {
  const { db } = context
  return {
    appendDecisions(rows: readonly DecisionRow[]): void {
      for (const row of rows) addDecision(context, row)
    },

    findDecision: (tenant: string, id: string): DecisionRow | undefined =>
      one<DecisionRow>(db, `${DECISION} where tenant = ? and id = ?`, tenant, id),

    listDecisions: (tenant: string, fromAt: number, toAt: number, limit: number): DecisionRow[] =>
      db.all<DecisionRow>(
        `${DECISION} where tenant = ? and at >= ? and at < ? order by at desc, id desc limit ?`,
        tenant,
        fromAt,
        toAt,
        limit,
      ),

    appendOutcome: (tenant: string, { decision, attempt, at, body }: OutcomeRow): boolean =>
      db.run(
        `insert into outcomes (tenant, decision, attempt, at, body) values (?, ?, ?, ?, ?)
         on conflict (tenant, decision, attempt) do nothing`,
        tenant,
        decision,
        attempt,
        at,
        body,
      ) > 0,

    listOutcomes: (tenant: string, decision: string, limit: number): OutcomeRow[] =>
      db.all<OutcomeRow>(
        `select decision, attempt, at, body from outcomes
         where tenant = ? and decision = ? order by at, attempt limit ?`,
        tenant,
        decision,
        limit,
      ),
  }
}

/** The first decision of an id stands. */
export function addDecision({ db }: StoreContext, { tenant, id, orderId, at, body }: DecisionRow): void {
  db.run(
    `insert into decisions (tenant, id, order_id, at, body) values (?, ?, ?, ?, ?)
     on conflict (tenant, id) do nothing`,
    tenant,
    id,
    orderId,
    at,
    body,
  )
}
