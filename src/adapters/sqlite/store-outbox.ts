import type { OutboxClaim, OutboxItem } from '../../ports/journal.ts'
import type { StoreContext } from './database.ts'

/** The statements about events on their way out. */
export function outboxCalls(context: StoreContext) {
  const { db, now } = context
  return {
    claimOutbox(limit: number, leaseMs: number): OutboxClaim[] {
      const due = db.all<OutboxClaim>(
        `select id, tenant, endpoint, type, body, due_at as dueAt, tries from outbox
         where due_at <= ? order by due_at, id, endpoint limit ?`,
        now(),
        limit,
      )
      for (const { id, endpoint } of due) {
        db.run(
          'update outbox set due_at = ?, tries = tries + 1 where id = ? and endpoint = ?',
          now() + leaseMs,
          id,
          endpoint,
        )
      }
      return due
    },

    settleOutbox(id: string, endpoint: string, dueAt: number | null): void {
      if (dueAt === null) db.run('delete from outbox where id = ? and endpoint = ?', id, endpoint)
      else db.run('update outbox set due_at = ? where id = ? and endpoint = ?', dueAt, id, endpoint)
    },

    putOutbox(items: readonly OutboxItem[]): void {
      for (const item of items) addOutbox(context, item)
    },
  }
}

export function addOutbox({ db }: StoreContext, item: OutboxItem): void {
  db.run(
    `insert into outbox (id, endpoint, tenant, type, body, due_at, tries) values (?, ?, ?, ?, ?, ?, 0)
     on conflict (id, endpoint) do nothing`,
    item.id,
    item.endpoint,
    item.tenant,
    item.type,
    item.body,
    item.dueAt,
  )
}
