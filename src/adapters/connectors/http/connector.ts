import type { Money } from '../../../core/payment/money.ts'
import type { UpstreamResult } from '../../../core/payment/outcome.ts'
import type { CancelVerb } from '../../../core/payment/route.ts'
import type {
  CaptureOptions,
  Connector,
  PayRequest,
  RefundResult,
  SendOptions,
} from '../../../ports/connector.ts'
import type { HttpClient, HttpResult } from '../../../ports/http-client.ts'
import { readCancel, readOperation, readPayment, readQuery } from './answers.ts'
import { compileDialect, type Dialect, type Mapping, NO_MAPPING } from './dialect.ts'

export interface HttpConnectorOptions {
  readonly baseUrl: string
  readonly client: HttpClient
  /** Sent as a bearer token. */
  readonly token?: string
  readonly mapping?: Mapping
}

/** A reference that no payment has. */
const NOBODY = '0'.repeat(32)

/** Speaks the gateway's upstream protocol over HTTP, in the dialect that the route's mapping describes. */
export class HttpConnector implements Connector {
  readonly #payments: string
  readonly #client: HttpClient
  readonly #dialect: Dialect
  readonly #headers: Readonly<Record<string, string>>

  /** @throws TypeError for a mapping that cannot be compiled */
  constructor(options: HttpConnectorOptions) {
    this.#payments = `${options.baseUrl.replace(/\/+$/, '')}/payments`
    this.#client = options.client
    this.#dialect = compileDialect(options.mapping ?? NO_MAPPING)
    this.#headers = {
      accept: 'application/json',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    }
  }

  pay(request: PayRequest, options: SendOptions): Promise<UpstreamResult> {
    const read = (result: HttpResult) => readPayment(result, request, this.#dialect)
    return this.#exchange({
      options,
      path: '',
      body: this.#dialect.write(request),
      key: request.reference,
      read,
      late: read,
    })
  }

  query(reference: string, amount: Money, options: SendOptions): Promise<UpstreamResult> {
    const read = (result: HttpResult) => readQuery(result, { reference, amount }, this.#dialect)
    return this.#exchange({ options, path: `/${encodeURIComponent(reference)}`, read, late: read })
  }

  cancel(reference: string, verb: CancelVerb, options: SendOptions): Promise<UpstreamResult> {
    const read = (result: HttpResult) => readCancel(result, reference, this.#dialect)
    const path = `/${encodeURIComponent(reference)}/cancel`
    return this.#exchange({ options, path, body: JSON.stringify({ verb }), read, late: read })
  }

  capture(
    reference: string,
    captureReference: string,
    amount: Money,
    options: CaptureOptions,
  ): Promise<RefundResult> {
    const path = `/${encodeURIComponent(reference)}/capture`
    const body = JSON.stringify({
      captureReference,
      amount,
      ...(options.final === true ? { final: true } : {}),
    })
    const read = (result: HttpResult) => readOperation(result, { reference, amount }, this.#dialect)
    return this.#exchange({ options, path, body, key: captureReference, read })
  }

  refund(
    reference: string,
    refundReference: string,
    amount: Money,
    options: SendOptions,
  ): Promise<RefundResult> {
    const path = `/${encodeURIComponent(reference)}/refunds`
    const body = JSON.stringify({ refundReference, amount })
    const expected = { reference, refundReference, amount }
    const read = (result: HttpResult) => readOperation(result, expected, this.#dialect)
    return this.#exchange({ options, path, body, key: refundReference, read })
  }

  queryRefund(
    reference: string,
    refundReference: string,
    amount: Money,
    options: SendOptions,
  ): Promise<RefundResult> {
    const path = `/${encodeURIComponent(reference)}/refunds/${encodeURIComponent(refundReference)}`
    const expected = { reference, refundReference, amount }
    const read = (result: HttpResult) => readOperation(result, expected, this.#dialect)
    return this.#exchange({ options, path, read })
  }

  /** Asks for a payment that does not exist: whoever can say so is there and accepts our credentials. */
  ping(options: SendOptions): Promise<{ ok: boolean; detail: string }> {
    const read = (result: HttpResult) => {
      if (result.kind !== 'answer') return { ok: false, detail: `${result.kind}: ${result.cause}` }
      const { status } = result
      return { ok: status === 404 || status === 200, detail: `HTTP ${status}` }
    }
    return this.#exchange({ options, path: `/${NOBODY}`, read })
  }

  async #exchange<T>(exchange: Exchange<T>): Promise<T> {
    const { options, path, body, key, read, late } = exchange
    const { onLate } = options
    const result = await this.#client.request({
      method: body === undefined ? 'GET' : 'POST',
      url: this.#payments + path,
      headers: {
        ...this.#headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(options.traceparent === undefined ? {} : { traceparent: options.traceparent }),
        ...(options.requestId === undefined ? {} : { 'x-request-id': options.requestId }),
      },
      timeoutMs: options.timeoutMs,
      ...(body === undefined ? {} : { body }),
      ...(onLate === undefined || late === undefined ? {} : { onLate: answer => onLate(late(answer)) }),
    })
    return read(result)
  }
}

interface Exchange<T> {
  readonly options: SendOptions
  readonly path: string
  /** Makes it a POST. */
  readonly body?: string
  /** Idempotency key. */
  readonly key?: string
  readonly read: (result: HttpResult) => T
  /** Reads an answer that comes after the deadline; only payments are worth it. */
  readonly late?: (result: HttpResult) => UpstreamResult
}
