import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** How long the steps of one request took, for `Server-Timing`. */
export class Steps {
  readonly #now: () => number
  readonly #startedAt: number
  readonly #told: string[] = []

  /** @param now monotonic ms */
  constructor(now: () => number) {
    this.#now = now
    this.#startedAt = now()
  }

  add(name: string, ms: number): void {
    this.#told.push(`${name};dur=${ms.toFixed(1)}`)
  }

  /** The steps so far and the whole until now. */
  header(): string {
    const total = `total;dur=${(this.#now() - this.#startedAt).toFixed(1)}`
    return this.#told.length === 0 ? total : `${this.#told.join(',')},${total}`
  }
}

/** Answers a value as JSON. */
export function answerJson(
  context: Context,
  value: object,
  status: ContentfulStatusCode = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(context, JSON.stringify(value), status, { 'content-type': 'application/json', ...headers })
}

/**
 * Answers a text with the headers that every answer has. They are handed over as one plain record, which the server
 * writes as it is: setting them on a finished response costs more than making the answer.
 */
export function answer(
  context: Context,
  body: string,
  status: ContentfulStatusCode,
  headers: Record<string, string>,
): Response {
  Object.assign(headers, ownHeaders(context))
  context.set('answered', true)
  return new Response(body, { status, headers })
}

/** What every answer tells beside its content: the request's id, and to those who have a key how long our own steps took. */
export function ownHeaders(context: Context): Record<string, string> {
  const headers: Record<string, string> = {}
  const requestId = context.get('requestId') as string | undefined
  if (requestId !== undefined) headers['x-request-id'] = requestId
  const steps = context.get('steps') as Steps | undefined
  if (steps !== undefined && context.get('caller') !== undefined) headers['server-timing'] = steps.header()
  return headers
}

/** Says whether the answer is that of the first time. */
export function replayedHeader(replayed: boolean | undefined): Readonly<Record<string, string>> {
  return replayed === true ? { 'idempotency-replayed': 'true' } : {}
}
