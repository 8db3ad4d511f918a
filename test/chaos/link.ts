import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * What a link does to the bytes on it. `refused`: connections are reset at once. `black_hole`: what is sent is read and
 * never arrives. `slow`: arrives late, in small pieces. `half_closed`: requests arrive, and instead of an answer the
 * connection is ended.
 */
export type LinkState = 'through' | 'refused' | 'black_hole' | 'slow' | 'half_closed'

interface Pair {
  readonly near: Socket
  readonly far: Socket
  /** Some of its bytes were swallowed: it can never carry anything sensible again. */
  spoiled: boolean
}

const SLICE_BYTES = 64
const SLICE_WAIT_MS = 5
const SLOW_MS = 400

/** A TCP connection point between two processes, whose behaviour can be changed while connections run through it. */
export class Link {
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #target: number
  #state: LinkState = 'through'

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, near => this.#accept(near))
  }

  static async open(target: number): Promise<Link> {
    const link = new Link(target)
    link.#server.listen(0, '127.0.0.1')
    await once(link.#server, 'listening')
    return link
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Where new connections lead. */
  lead(target: number): void {
    this.#target = target
  }

  /** How the link behaves from now on. Connections that have lost bytes end when it works again. */
  set(state: LinkState): void {
    this.#state = state
    if (state === 'refused') this.cut()
    if (state === 'through') for (const pair of this.#pairs) if (pair.spoiled) destroy(pair)
  }

  /** Resets every connection. Says how many there were. */
  cut(): number {
    const { size } = this.#pairs
    for (const pair of this.#pairs) destroy(pair)
    return size
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(near: Socket): void {
    near.on('error', () => undefined)
    if (this.#state === 'refused') {
      near.resetAndDestroy()
      return
    }
    const far = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const pair: Pair = { near, far, spoiled: false }
    this.#pairs.add(pair)
    far.on('error', () => near.resetAndDestroy())
    const gone = (): void => {
      this.#pairs.delete(pair)
      destroy(pair)
    }
    near.on('close', gone)
    far.on('close', gone)
    this.#carry(pair, near, far, 'request')
    this.#carry(pair, far, near, 'answer')
  }

  #carry(pair: Pair, from: Socket, to: Socket, direction: 'request' | 'answer'): void {
    // One after the other, so that slow bytes are never overtaken by those that came later.
    let turn = Promise.resolve()
    from.on('data', (chunk: Buffer) => {
      turn = turn.then(() => this.#pass(pair, chunk, to, direction))
    })
    from.on('end', () => {
      turn = turn.then(() => void to.end())
    })
  }

  async #pass(pair: Pair, chunk: Buffer, to: Socket, direction: 'request' | 'answer'): Promise<void> {
    switch (this.#state) {
      case 'through':
        if (!pair.spoiled) to.write(chunk)
        return
      case 'half_closed':
        if (direction === 'request') to.write(chunk)
        else {
          pair.spoiled = true
          to.end()
        }
        return
      case 'slow':
        await wait(SLOW_MS)
        for (let at = 0; at < chunk.length && !to.destroyed; at += SLICE_BYTES) {
          to.write(chunk.subarray(at, at + SLICE_BYTES))
          await wait(SLICE_WAIT_MS)
        }
        return
      case 'black_hole':
      case 'refused':
        pair.spoiled = true
    }
  }
}

function destroy({ near, far }: Pair): void {
  near.resetAndDestroy()
  far.resetAndDestroy()
}

function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
