import { UndiciClient } from '../adapters/http-client/undici.ts'
import type { Clock } from '../ports/clock.ts'
import { HttpOutside } from './outside.ts'

/** Upstreams as Node reaches them. */
export class NodeOutside extends HttpOutside {
  constructor(clock: Clock) {
    super(clock, connectionsMax => new UndiciClient({ connectionsMax }))
  }
}
