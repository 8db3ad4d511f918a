import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { UndiciClient } from '../adapters/http-client/undici.ts'
import { Passage } from '../adapters/http-stream/passage.ts'
import { UndiciStreamer } from '../adapters/http-stream/undici.ts'
import { parseScorecard } from '../core/credit/parse-scorecard.ts'
import type { Scorecard } from '../core/credit/scorecard-model.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectorModule } from '../ports/connector-module.ts'
import { loadConnectorModule } from './connector-module.ts'
import { HttpOutside } from './outside.ts'

/** Upstreams and files as Node reaches them. */
export class NodeOutside extends HttpOutside {
  readonly #folder: string

  /** @param folder where files lie that the configuration names */
  constructor(clock: Clock, folder = '.') {
    super(
      clock,
      connectionsMax => new UndiciClient({ connectionsMax }),
      (origin, connectionsMax) => new UndiciStreamer(new Passage({ origin, connectionsMax }), origin),
    )
    this.#folder = folder
  }

  protected override connectorModule(file: string): ConnectorModule {
    return loadConnectorModule(this.#folder, file)
  }

  scorecard(file: string): Scorecard {
    try {
      return parseScorecard(JSON.parse(readFileSync(resolve(this.#folder, file), 'utf8')))
    } catch (cause) {
      const told = cause instanceof Error ? cause.message : 'it is not a scorecard'
      throw new TypeError(`the scorecard ${file} cannot be used: ${told}`, { cause })
    }
  }
}
