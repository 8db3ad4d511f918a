import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { UpstreamBehaviour } from '../contract/connector.contract.ts'

interface Params {
  readonly ref: string
  readonly amount: string
  readonly ccy: string
  readonly hold?: boolean
  readonly until?: number
  readonly memo?: { readonly behave?: UpstreamBehaviour }
  readonly captureRef?: string
  readonly refundRef?: string
}

interface Charge {
  readonly amount: string
  readonly ccy: string
  readonly behave: UpstreamBehaviour
  readonly url: string | undefined
  state: 'paid' | 'held' | 'processing' | 'refused' | 'waiting' | 'reversed'
  left: number
  readonly operations: Map<string, string>
}

/** How late an answer is when it is to be late, ms. */
export const SLOW_MS = 900

/** The acquirer that examples/custom-connector speaks to, with a ledger of what it has charged. */
export class Acquirer {
  readonly #charges = new Map<string, Charge>()
  readonly #ledger: string[] = []
  #server: Server | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => void this.#serve(request, response))
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (server === undefined || !server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }

  charges(reference: string): number {
    return this.#ledger.filter(each => each === reference).length
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const { method, params } = JSON.parse(text) as { method: string; params: Params }
    const isNew = method === 'charge' && !this.#charges.has(params.ref)
    const answer = { ref: params.ref, ...this.#handle(method, params) }
    if (isNew) misbehave(params.memo?.behave ?? 'approve', response, answer)
    else response.end(JSON.stringify(answer))
  }

  #handle(method: string, params: Params): object {
    if (method === 'echo') return { code: '00' }
    if (method === 'charge' && !this.#charges.has(params.ref)) this.#charge(params)
    const charge = this.#charges.get(params.ref)
    if (charge === undefined) return { code: '25' }
    switch (method) {
      case 'charge':
      case 'status':
        return told(charge)
      case 'close':
        return { code: charge.state === 'paid' ? '26' : '00' }
      case 'reversal':
        charge.state = 'reversed'
        return { code: '00' }
      case 'capture':
        return { code: operated(charge, `c${params.captureRef}`, Number(params.amount)) }
      case 'refund':
        return { code: operated(charge, `r${params.refundRef}`, Number(params.amount)) }
      default:
        return { code: charge.operations.get(`r${params.refundRef}`) ?? '25' }
    }
  }

  #charge({ ref, amount, ccy, hold = false, memo, until }: Params): void {
    const behave = memo?.behave ?? 'approve'
    if (behave === 'rate_limit') return
    const charge: Charge = {
      amount,
      ccy,
      behave,
      url: until === undefined ? undefined : `https://acquirer.example/3ds/${ref}`,
      state: stateOf(behave, hold),
      left: Number(amount),
      operations: new Map(),
    }
    this.#charges.set(ref, charge)
    if (charge.state === 'paid' || charge.state === 'held') this.#ledger.push(ref)
    if (behave === 'processing_then_approved') {
      setTimeout(() => {
        charge.state = 'paid'
      }, 200)
    }
  }
}

function stateOf(behave: UpstreamBehaviour, hold: boolean): Charge['state'] {
  if (behave === 'decline_funds') return 'refused'
  if (behave === 'processing_then_approved') return 'processing'
  if (behave === 'requires_action') return 'waiting'
  return hold ? 'held' : 'paid'
}

function told({ state, amount, ccy, url }: Charge): object {
  if (state === 'refused' || state === 'reversed') return { code: '51' }
  if (state === 'processing') return { code: '09' }
  if (state === 'waiting') return { code: '3D', url, until: Date.now() + 60_000 }
  return { code: '00', amount, ccy, held: state === 'held' }
}

/** A capture or refund: the same reference is the same one, and there is never more than what is left. */
function operated(charge: Charge, reference: string, value: number): string {
  const known = charge.operations.get(reference)
  if (known !== undefined) return known
  let code = value > charge.left ? '61' : '00'
  if (charge.behave === 'refund_processing') code = '09'
  if (charge.behave === 'refund_declined') code = '05'
  if (code === '00') charge.left -= value
  charge.operations.set(reference, code)
  return code
}

/** What happens to the answer to a first charge. */
function misbehave(behave: UpstreamBehaviour, response: ServerResponse, answer: object): void {
  const text = JSON.stringify(answer)
  switch (behave) {
    case 'charge_in_silence':
      return
    case 'charge_slowly':
      setTimeout(() => response.end(text), SLOW_MS)
      return
    case 'charge_and_reset':
      response.destroy()
      return
    case 'charge_and_fail':
      response.writeHead(500).end()
      return
    case 'rate_limit':
      response.writeHead(429).end()
      return
    case 'charge_and_redirect':
      response.writeHead(307, { location: '/rpc' }).end()
      return
    case 'charge_and_answer_garbage':
      response.end('<html>')
      return
    case 'charge_and_answer_half':
      response.writeHead(200, { 'content-length': text.length }).write(text.slice(0, 10))
      setTimeout(() => response.destroy(), 20)
      return
    case 'charge_and_answer_too_much':
      response.end(JSON.stringify({ ...answer, pad: 'x'.repeat(1_000_000) }))
      return
    case 'charge_and_echo_wrong_amount':
      response.end(JSON.stringify({ ...answer, amount: '1' }))
      return
    case 'charge_and_echo_wrong_reference':
      response.end(JSON.stringify({ ...answer, ref: 'f'.repeat(32) }))
      return
    case 'charge_and_say_unknown':
      response.end(JSON.stringify({ ...answer, code: '96' }))
      return
    default:
      response.end(text)
  }
}
