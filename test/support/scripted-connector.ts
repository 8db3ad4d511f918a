import type { UpstreamResult } from '../../src/core/payment/outcome.ts'
import type { Connector, PayRequest, RefundResult, SendOptions } from '../../src/ports/connector.ts'

/** One answer of a script: itself, or made from the request. */
export type ScriptedAnswer =
  | UpstreamResult
  | ((request: PayRequest, options: SendOptions) => UpstreamResult | Promise<UpstreamResult>)

/** What an upstream answers, call by call; the last answer repeats. Approves when there is none. */
export interface ConnectorScript {
  readonly pay?: readonly ScriptedAnswer[]
  readonly query?: readonly UpstreamResult[]
  readonly cancel?: readonly UpstreamResult[]
  readonly refund?: readonly RefundResult[]
  readonly queryRefund?: readonly RefundResult[]
}

/** An upstream that answers as its script says, and keeps what it was asked. */
export class ScriptedConnector implements Connector {
  readonly sends: PayRequest[] = []
  readonly queries: string[] = []
  readonly cancels: { readonly reference: string; readonly verb: string }[] = []
  /** References of the refunds that were asked for. */
  readonly refunds: string[] = []
  #refundQueries = 0
  readonly #script: ConnectorScript

  constructor(script: ConnectorScript = {}) {
    this.#script = script
  }

  async pay(request: PayRequest, options: SendOptions): Promise<UpstreamResult> {
    this.sends.push(request)
    const answer = nth(this.#script.pay, this.sends.length)
    if (answer === undefined) return { kind: 'approved', amount: request.amount }
    return typeof answer === 'function' ? answer(request, options) : answer
  }

  async query(reference: string): Promise<UpstreamResult> {
    this.queries.push(reference)
    return nth(this.#script.query, this.queries.length) ?? { kind: 'not_found' }
  }

  async cancel(reference: string, verb: string): Promise<UpstreamResult> {
    this.cancels.push({ reference, verb })
    return nth(this.#script.cancel, this.cancels.length) ?? { kind: 'canceled' }
  }

  async capture(): Promise<RefundResult> {
    return { kind: 'approved' }
  }

  async refund(_reference: string, refundReference: string): Promise<RefundResult> {
    this.refunds.push(refundReference)
    return nth(this.#script.refund, this.refunds.length) ?? { kind: 'approved' }
  }

  async queryRefund(): Promise<RefundResult> {
    return nth(this.#script.queryRefund, ++this.#refundQueries) ?? { kind: 'not_found' }
  }

  async ping(): Promise<{ ok: boolean; detail: string }> {
    return { ok: true, detail: 'scripted' }
  }
}

function nth<T>(answers: readonly T[] | undefined, call: number): T | undefined {
  return answers?.[Math.min(call, answers.length) - 1]
}
