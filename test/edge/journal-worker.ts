import { DurableObject } from 'cloudflare:workers'
import { DurableObjectJournal } from '../../src/adapters/durable-object/journal.ts'
import type { Journal } from '../../src/ports/journal.ts'

interface Call {
  readonly object: string
  readonly now: number
  readonly name: keyof Journal
  readonly args: readonly unknown[]
}

/** A journal that does what it is told over HTTP, with a clock that is told too. */
export class JournalObject extends DurableObject<unknown> {
  #now = 0
  #journal: Journal

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env)
    this.#journal = new DurableObjectJournal({ storage: ctx.storage, now: () => this.#now })
  }

  async perform({ now, name, args }: Call): Promise<object> {
    this.#now = now
    try {
      const method = this.#journal[name] as (...args: readonly unknown[]) => Promise<unknown>
      return { result: await method.apply(this.#journal, [...args]) }
    } catch (error) {
      const { name: kind, message } = error as Error
      return { error: kind, message }
    }
  }
}

interface Bindings {
  readonly JOURNAL: DurableObjectNamespace<JournalObject>
}

export default {
  async fetch(request: Request, { JOURNAL }: Bindings): Promise<Response> {
    if (request.method === 'GET') return new Response('up')
    const call = (await request.json()) as Call
    return Response.json(await JOURNAL.get(JOURNAL.idFromName(call.object)).perform(call))
  },
}
