import * as z from 'zod'
import type { FactSourceProvider, SourceAnswer } from '../../../ports/fact-source.ts'
import type { HttpClient } from '../../../ports/http-client.ts'
import { jsonObject } from './answers.ts'
import { factValues, instant } from './eligibility.ts'

const answerSchema = z.object({ values: factValues, asOf: instant.exactOptional() })

export interface HttpFactSourceOptions {
  readonly url: string
  readonly client: HttpClient
  /** Sent as a bearer token. */
  readonly token?: string
}

/** Asks a source of facts by `GET {url}?payer=`, answered by `{values, asOf?}` or 404. */
export class HttpFactSource implements FactSourceProvider {
  readonly #client: HttpClient
  readonly #prefix: string
  readonly #headers: Readonly<Record<string, string>>

  constructor({ url, client, token }: HttpFactSourceOptions) {
    this.#client = client
    this.#prefix = `${url}${url.includes('?') ? '&' : '?'}payer=`
    const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` }
    this.#headers = { accept: 'application/json', ...bearer }
  }

  async ask(payer: string, { timeoutMs }: { readonly timeoutMs: number }): Promise<SourceAnswer> {
    const url = `${this.#prefix}${encodeURIComponent(payer)}`
    const result = await this.#client.request({ method: 'GET', url, headers: this.#headers, timeoutMs })
    if (result.kind !== 'answer') return { kind: 'unavailable', cause: result.cause }
    if (result.status === 404) return { kind: 'unknown_payer' }
    if (result.status !== 200) return { kind: 'unavailable', cause: `HTTP ${result.status}` }
    const parsed = answerSchema.safeParse(jsonObject(result))
    return parsed.success ? { kind: 'known', ...parsed.data } : { kind: 'unavailable', cause: 'unreadable' }
  }
}
