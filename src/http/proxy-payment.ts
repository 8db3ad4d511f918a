import type { UpstreamResult } from '../core/payment/outcome.ts'
import type { Attempt } from '../core/payment/payment.ts'
import type { Passed, PassedThrough, PassOn } from '../gateway/proxy.ts'
import type { HttpAnswer, HttpFailure, HttpRequest } from '../ports/http-client.ts'
import type { ApiContext, HttpDeps } from './endpoint.ts'
import { within } from './payments.ts'
import { Problem } from './problem.ts'
import { type CheckoutReading, pathOf, type ProxyRequest, type ProxyRoute } from './proxy-checkout.ts'
import { problemOf } from './proxy-failure.ts'
import { responseHeaders, withCredentials } from './proxy-headers.ts'
import { contextOf, fingerprintOf, outcomeOf } from './proxy-reading.ts'
import { traceparentOf } from './request.ts'

const METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/**
 * Carries out the payment that a request of a checkout asks for. The upstream gets the bytes as they came and the
 * checkout what the last upstream has answered. The payment runs to its end whatever becomes of the client.
 */
export async function payOrder(
  deps: HttpDeps,
  context: ApiContext,
  request: ProxyRequest,
  reading: CheckoutReading,
  bytes: Uint8Array,
  body: unknown,
): Promise<Response> {
  const { checkout, method, target } = request
  if (!METHODS.has(method)) throw new Problem('method_not_allowed')
  const traceparent = traceparentOf(context)
  const command = {
    tenant: checkout.tenant,
    context: contextOf(checkout, reading, body),
    // Nothing is bound by it: the order itself is what pays only once.
    key: { key: `proxy ${deps.service.newRequestId()}`, fingerprint: '', target: 'payment' },
    checkout: {
      id: checkout.id,
      request: `${method} ${pathOf(target)}`,
      fingerprint: fingerprintOf(method, target, bytes),
    },
    requestId: context.get('requestId'),
    ...(traceparent === undefined ? {} : { traceparent }),
  }
  const paying = deps.service.payThrough(command, passOn(request, reading, bytes))
  deps.background(paying.catch(() => undefined))
  const through = await within(paying, deps.settings().answerMsMax)
  if (through === undefined) {
    const [newest] = await deps.service.paymentsOfOrder(checkout.tenant, command.context.orderId)
    throw problemOf({ kind: 'unknown', cause: 'timeout' }, newest?.id)
  }
  return answerOf(request, through)
}

/** Sends the request as it came, but for its credentials, and reads what the answer means. */
function passOn(request: ProxyRequest, reading: CheckoutReading, bytes: Uint8Array): PassOn<HttpAnswer> {
  return async (attempt, options) => {
    const route = request.checkout.routes.find(({ id }) => id === attempt.route)
    if (route === undefined) return { result: { kind: 'not_sent', cause: 'not_of_this_checkout' } }
    const understood = (answer: HttpAnswer): Promise<UpstreamResult> => outcomeIn(reading, attempt, answer)
    const told = await route.client.request({
      method: request.method as HttpRequest['method'],
      url: `${route.baseUrl}${request.target}`,
      headers: headersFor(request, route, options.traceparent),
      body: bytes,
      timeoutMs: options.timeoutMs,
      onLate: answer => void understood(answer).then(options.onLate, () => undefined),
    })
    return told.kind === 'answer' ? { result: await understood(told), reply: told } : { result: told }
  }
}

function headersFor(
  { headers }: ProxyRequest,
  route: ProxyRoute,
  traceparent: string | undefined,
): Record<string, string> {
  const sent = withCredentials(headers, route)
  // The answer has to be read here.
  sent['accept-encoding'] = 'identity'
  if (traceparent !== undefined) sent.traceparent = traceparent
  return sent
}

async function outcomeIn(
  { outcome }: CheckoutReading,
  attempt: Attempt,
  { status, headers, body }: HttpAnswer,
): Promise<UpstreamResult> {
  return outcomeOf(outcome, status, await textOf(headers['content-encoding'], body), attempt)
}

/** Largest text that a compressed answer may become. */
const TEXT_BYTES_MAX = 1_048_576

/** Some upstreams compress although they are asked not to. */
async function textOf(encoding: string | undefined, body: Uint8Array): Promise<string | undefined> {
  const plain = new TextDecoder('utf-8', { fatal: true })
  try {
    if (!isGzip(encoding, body)) return plain.decode(body)
    const opened = new Blob([body as Uint8Array<ArrayBuffer>])
      .stream()
      .pipeThrough(new DecompressionStream('gzip'))
    let text = ''
    let length = 0
    for await (const chunk of opened as AsyncIterable<Uint8Array>) {
      length += chunk.length
      if (length > TEXT_BYTES_MAX) return undefined
      text += plain.decode(chunk, { stream: true })
    }
    return text + plain.decode()
  } catch {
    return undefined
  }
}

/** Where the runtime has opened it already the bytes are plain, whatever the header says. */
function isGzip(encoding: string | undefined, body: Uint8Array): boolean {
  return encoding === 'gzip' && body[0] === 0x1f && body[1] === 0x8b
}

function answerOf(request: ProxyRequest, { answer, passed }: PassedThrough<HttpAnswer>): Response {
  if (answer.kind === 'conflict') {
    const { code, payment } = answer
    throw new Problem(code, {
      ...(payment === undefined ? {} : { payment }),
      ...(code === 'request_in_progress' ? { retryAfterSeconds: 1 } : {}),
    })
  }
  const { payment, replayed } = answer
  const last = passed.at(-1)
  if (last === undefined) throw notTried(payment.id, replayed, payment.result !== undefined)
  const told = lastTold(passed)
  if (told?.reply === undefined) throw problemOf(failureOf(last.result), payment.id)
  return responseOf(request, told.route, told.reply, payment.id)
}

function notTried(payment: string, replayed: boolean, isDone: boolean): Problem {
  if (!replayed) return new Problem('no_route', { payment, retryAfterSeconds: 5 })
  return new Problem(isDone ? 'order_already_paid' : 'order_in_progress', {
    payment,
    detail: 'The upstream that has the order does not take a request twice.',
  })
}

/** The answer that the checkout gets: of the last upstream that was sent anything. */
function lastTold(passed: readonly Passed<HttpAnswer>[]): Passed<HttpAnswer> | undefined {
  return passed.findLast(({ result }) => result.kind !== 'not_sent')
}

function failureOf(result: UpstreamResult): HttpFailure {
  if (result.kind === 'not_sent') return result
  return {
    kind: 'unknown',
    cause: result.kind === 'unknown' && result.cause === 'timeout' ? 'timeout' : 'connection',
  }
}

function responseOf(
  { checkout }: ProxyRequest,
  route: string,
  { status, headers, body }: HttpAnswer,
  payment: string,
): Response {
  const sent = responseHeaders(headers, checkout, route)
  sent['fundroute-payment'] = payment
  if (sent['content-encoding'] !== undefined && !isGzip(sent['content-encoding'], body)) {
    delete sent['content-encoding']
  }
  const hasNone = status === 204 || status === 205 || status === 304
  if (!hasNone) sent['content-length'] = String(body.length)
  return new Response(hasNone ? null : (body as Uint8Array<ArrayBuffer>), { status, headers: sent })
}
