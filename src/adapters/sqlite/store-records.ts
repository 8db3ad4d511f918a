import type { RecordRow } from '../../ports/journal.ts'
import { one, type StoreContext } from './database.ts'

/** The statements about the gateway's own small documents. */
export function recordCalls({ db }: StoreContext) {
  return {
    putRecord({ collection, key, at, body }: Omit<RecordRow, 'version'>, expectedVersion: number): boolean {
      if (expectedVersion === 0) {
        const insert = `insert into records (collection, key, version, at, body) values (?, ?, 1, ?, ?)
          on conflict (collection, key) do nothing`
        return db.run(insert, collection, key, at, body) > 0
      }
      const update = `update records set version = version + 1, at = ?, body = ?
        where collection = ? and key = ? and version = ?`
      return db.run(update, at, body, collection, key, expectedVersion) > 0
    },

    getRecord: (collection: string, key: string): RecordRow | undefined =>
      one<RecordRow>(
        db,
        'select collection, key, version, at, body from records where collection = ? and key = ?',
        collection,
        key,
      ),

    listRecords: (collection: string, prefix: string, limit: number): RecordRow[] =>
      db.all<RecordRow>(
        `select collection, key, version, at, body from records
         where collection = ?1 and key >= ?2 and substr(key, 1, length(?2)) = ?2 order by key limit ?3`,
        collection,
        prefix,
        limit,
      ),
  }
}
