import type { HttpAnswer, HttpClient, HttpRequest, HttpResult } from '../../src/ports/http-client.ts'

/** Answers whatever it is told to, and keeps what it was asked. */
export class FakeHttpClient implements HttpClient {
  readonly requests: HttpRequest[] = []
  next: HttpResult = { kind: 'unknown', cause: 'connection' }

  request(request: HttpRequest): Promise<HttpResult> {
    this.requests.push(request)
    return Promise.resolve(this.next)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** An answer with this body: text as it is, anything else as JSON. */
export function answered(status: number, body: unknown): HttpAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { kind: 'answer', status, headers: {}, body: new TextEncoder().encode(text) }
}
