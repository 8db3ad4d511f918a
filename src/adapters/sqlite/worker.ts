import { hash } from 'node:crypto'
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { FileDatabase } from './file-database.ts'
import { migrate } from './migrations.ts'
import type { Call, Message, Reply, Request } from './protocol.ts'
import { makeCall, performCall, storeCalls } from './store.ts'

/** Calls in one commit, at most: bounds how long the first of them waits for the last. */
const BATCH_MAX = 256
const SYNCHRONOUS_FULL = 2
/** File systems whose `fsync` promises nothing, by the magic number of statfs(2). */
const VOLATILE_FILE_SYSTEMS: Readonly<Record<number, string>> = { 0x01021994: 'tmpfs', 0x858458f6: 'ramfs' }
const NETWORK_FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0x6969: 'nfs',
  0x517b: 'smb',
  0xff534d42: 'cifs',
  0xfe534d42: 'smb2',
}

interface Timed {
  readonly at: number
  readonly call: Call
}

/** The thread that owns the file, so that a sync never stops the event loop of the gateway. */
function serve(port: MessagePort, file: string): void {
  let now = 0
  let db: FileDatabase
  try {
    db = new FileDatabase(file)
    migrate(db, Date.now())
  } catch (error) {
    post(port, { kind: 'refused', message: (error as Error).message })
    port.close()
    return
  }
  const context = { db, now: () => now, sha256 }
  const calls = storeCalls(context)

  const perform = ({ id, name, args }: Call): Reply => ({ id, result: makeCall(db, calls, name, args) })
  const performAlone = ({ id, name, args }: Call): Reply => {
    try {
      return { id, result: performCall(db, calls, name, args) }
    } catch (error) {
      // Misuse refuses one call; anything else ends the commit that all of them share.
      if (!(error instanceof TypeError)) throw error
      return { id, fault: 'misuse', message: (error as Error).message }
    }
  }
  const commit = (batch: readonly Timed[], make = perform): Reply[] => {
    try {
      return db.transaction(() =>
        batch.map(({ at, call }) => {
          now = at
          return make(call)
        }),
      )
    } catch (error) {
      // A savepoint for each call costs a third of the whole, so they get one only when one of them needs it.
      if (error instanceof TypeError && make !== performAlone) return commit(batch, performAlone)
      const { message } = error as Error
      return batch.map(({ call }) => ({ id: call.id, fault: 'unavailable', message }))
    }
  }

  let waiting: Timed[] = []
  const commitAll = () => {
    for (let start = 0; start < waiting.length; start += BATCH_MAX) {
      post(port, { kind: 'replies', replies: commit(waiting.slice(start, start + BATCH_MAX)) })
    }
    waiting = []
  }

  // Whatever has come while the last commit was synced is the next batch.
  port.on('message', (first: Request) => {
    let request: Request | undefined = first
    while (request !== undefined) {
      if (request.kind === 'calls') {
        for (const call of request.calls) waiting.push({ at: request.now, call })
      } else {
        commitAll()
        if (request.kind === 'backup') void copied(port, db, request)
        else if (request.kind === 'close') {
          db.close()
          port.close()
          return
        } else post(port, { kind: 'replies', replies: [checked(db, file, request)] })
      }
      request = waiting.length < BATCH_MAX ? received(port) : undefined
    }
    commitAll()
  })
  post(port, { kind: 'open' })
}

function received(port: MessagePort): Request | undefined {
  return (receiveMessageOnPort(port) as { message: Request } | undefined)?.message
}

async function copied(
  port: MessagePort,
  db: FileDatabase,
  { id, file }: { id: number; file: string },
): Promise<void> {
  try {
    await db.copyTo(file)
    post(port, { kind: 'replies', replies: [{ id, result: undefined }] })
  } catch (error) {
    const { message } = error as Error
    post(port, { kind: 'replies', replies: [{ id, fault: 'unavailable', message }] })
  }
}

/** Writes, reads, and names what would lose acknowledged writes. */
function checked(db: FileDatabase, file: string, { id, now }: { id: number; now: number }): Reply {
  try {
    const write = `insert into records (collection, key, version, at, body) values ('journal', 'check', 1, ?, '{}')
      on conflict (collection, key) do update set at = excluded.at`
    db.transaction(() => db.run(write, now))
    return { id, result: warnings(db, file) }
  } catch (error) {
    return { id, fault: 'unavailable', message: (error as Error).message }
  }
}

function warnings(db: FileDatabase, file: string): string[] {
  if (file === ':memory:') return ['the journal is in memory: everything is lost when the process ends']
  const told: string[] = []
  if (db.pragma('synchronous') !== SYNCHRONOUS_FULL)
    told.push('synchronous is not full: a power cut loses writes')
  if (db.pragma('journal_mode') !== 'wal') told.push('the journal file is not in WAL mode')
  const { type } = statfsSync(dirname(file))
  const volatile = VOLATILE_FILE_SYSTEMS[type]
  if (volatile !== undefined)
    told.push(`the data directory is on ${volatile}: a restart of the machine loses it`)
  const network = NETWORK_FILE_SYSTEMS[type]
  if (network !== undefined)
    told.push(`the data directory is on ${network}: its locks and syncs are not reliable`)
  return told
}

function sha256(text: string): string {
  return hash('sha256', text)
}

function post(port: MessagePort, message: Message): void {
  port.postMessage(message)
}

if (parentPort !== null) serve(parentPort, (workerData as { file: string }).file)
