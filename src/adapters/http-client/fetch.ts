import {
  BODY_BYTES_MAX,
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  type HttpResult,
} from '../../ports/http-client.ts'

export interface FetchClientOptions {
  /** The runtime's own by default. */
  readonly fetch?: typeof fetch
  /** How long after the deadline an answer is still listened for when somebody wants it. */
  readonly lateMs?: number
}

/**
 * HTTP through the runtime's `fetch`, for Workers. Nothing there tells whether a byte has left, so every failure is
 * `unknown`, even a refused connection.
 */
export class FetchClient implements HttpClient {
  readonly #fetch: typeof fetch
  readonly #lateMs: number

  constructor(options: FetchClientOptions = {}) {
    // Unbound: Workers refuse a fetch that is called as a method of something else.
    const own = options.fetch ?? fetch
    this.#fetch = (input, init) => own(input, init)
    this.#lateMs = options.lateMs ?? 5_000
  }

  request(request: HttpRequest): Promise<HttpResult> {
    return new Promise(resolve => {
      const abort = new AbortController()
      let settled = false
      const deadline = setTimeout(() => {
        settled = true
        resolve({ kind: 'unknown', cause: 'timeout' })
        if (request.onLate === undefined) abort.abort()
        else late = setTimeout(() => abort.abort(), this.#lateMs)
      }, request.timeoutMs)
      let late: ReturnType<typeof setTimeout> | undefined
      void this.#exchange(request, abort.signal).then(result => {
        clearTimeout(deadline)
        clearTimeout(late)
        if (!settled) resolve(result)
        else if (result.kind === 'answer') tellLate(request, result)
      })
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResult> {
    try {
      const response = await this.#fetch(request.url, {
        method: request.method,
        headers: { ...request.headers },
        body: (request.body as RequestInit['body']) ?? null,
        // `error` would hide the answer: a 307 is told as what it is.
        redirect: 'manual',
        signal,
      })
      return await answerOf(response)
    } catch {
      return { kind: 'unknown', cause: 'connection' }
    }
  }
}

async function answerOf(response: Response): Promise<HttpAnswer | { kind: 'unknown'; cause: 'unreadable' }> {
  const body = await boundedBody(response)
  if (body === undefined) return { kind: 'unknown', cause: 'unreadable' }
  return { kind: 'answer', status: response.status, headers: Object.fromEntries(response.headers), body }
}

/** The body, or undefined when it is longer than allowed; then the rest is never read. */
async function boundedBody(response: Response): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  if (response.body === null) return new Uint8Array()
  const reader = response.body.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const chunk = read.value as Uint8Array
    length += chunk.length
    if (length > BODY_BYTES_MAX) {
      await reader.cancel().catch(() => {})
      return undefined
    }
    chunks.push(chunk)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}

function tellLate(request: HttpRequest, answer: HttpAnswer): void {
  try {
    request.onLate?.(answer)
  } catch {
    // The port forbids it; a listener's mistake must not end a connection that others use.
  }
}
