import { Worker } from 'node:worker_threads'
import { JournalUnavailable } from '../../ports/journal.ts'
import type { Call, Message, Reply, Request } from './protocol.ts'
import type { CallName } from './store.ts'
import { StoreJournal } from './store-journal.ts'

/** Calls that may wait at once: beyond it the journal is overloaded and says so. */
const WAITING_MAX = 20_000

export interface SqliteJournalOptions {
  /** Path of the file; its folder exists. */
  readonly file: string
  /** The journal's clock, Unix ms. */
  readonly now: () => number
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/**
 * A journal in one file, for one process: SQLite in a worker thread. What is asked in one turn of the event loop goes
 * there as one message, and what has come while one commit is synced makes the next.
 */
export class SqliteJournal extends StoreJournal {
  readonly #link: WorkerLink

  private constructor(link: WorkerLink) {
    super(link.call)
    this.#link = link
  }

  /** Rejects with a sentence that says why when the file cannot be used, above all when another process has it. */
  static async open({ file, now }: SqliteJournalOptions): Promise<SqliteJournal> {
    const link = new WorkerLink(file, now)
    await link.opened
    return new SqliteJournal(link)
  }

  async check(): Promise<{ readonly warnings: readonly string[] }> {
    return { warnings: await this.#link.check() }
  }

  /**
   * Writes a copy of the whole journal, as it stands at the end, while it goes on being written. The file is there only
   * when it is complete. Rejects when it cannot be written.
   */
  backup(file: string): Promise<void> {
    return this.#link.backup(file)
  }

  /** Ends when everything asked before is committed. */
  close(): Promise<void> {
    return this.#link.close()
  }
}

/** Passes calls to the thread and answers back to their callers. */
class WorkerLink {
  readonly opened: Promise<void>
  readonly #worker: Worker
  readonly #now: () => number
  readonly #waiting = new Map<number, Waiting>()
  readonly #exited: Promise<void>
  #outgoing: Call[] = []
  #lastId = 0
  #down: string | undefined

  constructor(file: string, now: () => number) {
    this.#now = now
    // The same file beside this one, in TypeScript or as it was compiled.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    this.#worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), { workerData: { file } })
    this.#exited = new Promise(resolve => {
      this.#worker.once('exit', () => {
        this.#fail('the thread of the journal has ended')
        resolve()
      })
    })
    this.opened = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: Message) => {
        if (message.kind === 'open') resolve()
        else if (message.kind === 'refused') reject(new Error(message.message))
        else for (const reply of message.replies) this.#settle(reply)
      })
      this.#worker.on('error', error => {
        this.#fail('the thread of the journal has failed')
        reject(error instanceof Error ? error : new Error('the thread of the journal has failed'))
      })
    })
  }

  readonly call = <Result>(name: CallName, ...args: readonly unknown[]): Promise<Result> =>
    this.#ask(id => {
      if (this.#outgoing.length === 0) setImmediate(() => this.#flush())
      this.#outgoing.push({ id, name, args })
    })

  check(): Promise<readonly string[]> {
    return this.#ask(id => this.#post({ kind: 'check', id, now: this.#now() }))
  }

  backup(file: string): Promise<void> {
    return this.#ask(id => this.#post({ kind: 'backup', id, file }))
  }

  async close(): Promise<void> {
    if (this.#down === undefined) {
      this.#flush()
      this.#down = 'the journal is closed'
      this.#post({ kind: 'close' })
    }
    await this.#exited
  }

  #ask<Result>(send: (id: number) => void): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#down !== undefined) throw new JournalUnavailable(this.#down)
      if (this.#waiting.size >= WAITING_MAX) throw new JournalUnavailable('too much waits for the journal')
      this.#lastId += 1
      this.#waiting.set(this.#lastId, { resolve: resolve as (result: unknown) => void, reject })
      send(this.#lastId)
    })
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return
    this.#post({ kind: 'calls', now: this.#now(), calls: this.#outgoing })
    this.#outgoing = []
  }

  #post(request: Request): void {
    this.#worker.postMessage(request)
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('result' in reply) waiting?.resolve(reply.result)
    else if (reply.fault === 'misuse') waiting?.reject(new TypeError(reply.message))
    else waiting?.reject(new JournalUnavailable(reply.message))
  }

  #fail(reason: string): void {
    this.#down ??= reason
    for (const waiting of this.#waiting.values()) waiting.reject(new JournalUnavailable(reason))
    this.#waiting.clear()
  }
}
