import { type ConfigChange, diffConfigs } from '../config/diff.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { resolveSecrets } from '../config/secrets.ts'
import type { Outside } from './outside.ts'
import { buildGeneration, type Generation } from './runtime.ts'

export type Applied =
  | { readonly ok: true; readonly version: string; readonly changes: readonly ConfigChange[] }
  | { readonly ok: false; readonly problems: readonly string[] }

export interface LiveConfigOptions {
  readonly first: Generation
  readonly outside: Outside
  /** Where secrets are taken from. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Told of every new generation before it serves. */
  readonly onSwap: (generation: Generation, changes: readonly ConfigChange[]) => void
}

/**
 * The configuration that serves, and how it is replaced: parse, validate, build, swap. Whatever is wrong with a new one
 * leaves the old one running. Payments in flight keep the generation they began with, because they hold it.
 */
export class LiveConfig {
  readonly #options: LiveConfigOptions
  #current: Generation
  /** One replacement at a time, in the order in which they were asked for. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: LiveConfigOptions) {
    this.#options = options
    this.#current = options.first
  }

  current(): Generation {
    return this.#current
  }

  /** What a configuration would change, without applying it. */
  preview(text: string, file: string): Promise<Applied> {
    return this.#read(text, file).then(({ applied }) => applied)
  }

  /** Replaces the configuration, or says why not. Never rejects. */
  apply(text: string, file: string): Promise<Applied> {
    const turn = this.#turn.then(async () => {
      const { applied, build } = await this.#read(text, file)
      if (!applied.ok || build === undefined || applied.changes.length === 0) return applied
      try {
        const generation = build()
        this.#options.onSwap(generation, applied.changes)
        this.#current = generation
        return applied
      } catch (error) {
        return refused([error instanceof Error ? error.message : 'it cannot be built']).applied
      }
    })
    this.#turn = turn
    return turn
  }

  async #read(text: string, file: string): Promise<{ applied: Applied; build?: () => Generation }> {
    const loaded = await loadConfig(text, file)
    if (!loaded.ok) return refused(loaded.problems.map(formatProblem))
    const resolved = resolveSecrets(loaded.config, this.#options.env)
    if (!resolved.ok) return refused(resolved.problems)
    const { config, version } = loaded
    const known = modulesOf(this.#options.first.config)
    const code = modulesOf(config).filter(file => !known.includes(file))
    if (code.length > 0) {
      return refused([`${code.join(', ')}: a connector is loaded at the start only; start again`])
    }
    return {
      applied: { ok: true, version, changes: diffConfigs(this.#current.config, config) },
      build: () => buildGeneration(config, version, resolved.secrets, this.#options.outside),
    }
  }
}

/** Whoever may change the configuration may not thereby run code. */
function modulesOf({ routes }: Config): string[] {
  return routes.flatMap(({ connector }) => (connector.type === 'module' ? [connector.module] : []))
}

function refused(problems: readonly string[]): { applied: Applied } {
  return { applied: { ok: false, problems } }
}
