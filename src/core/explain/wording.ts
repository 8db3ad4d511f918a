import type { ReasonCode } from './codes.ts'

interface Wording {
  readonly message: string
  readonly remedy: string
}

/**
 * The wording of every reason in one language. `{name}` is replaced; `[[name|text]]` stands only when `name` is
 * given. `{tender}` is always given. `notCredit` is given when no credit reason stands beside a liquidity reason,
 * `factors` when principal factors follow the assessment, and either `online` or
 * `elsewhere`: whether paying in the app or on the web would help.
 */
export type Catalogue = Readonly<Record<ReasonCode, Wording>>

/** What may be said about the case at hand. Text comes from configuration or the request, never from a rule. */
export interface WordingParams {
  readonly tender: string
  readonly items?: string
  readonly until?: string
  readonly notCredit?: string
  readonly factors?: string
  readonly online?: string
  readonly elsewhere?: string
}

const SECTION = /\[\[(\w+)\|(.*?)\]\]/g
const PLACEHOLDER = /\{(\w+)\}/g

/** Fills in a text and starts it with a capital where the language has them. */
export function fillIn(text: string, params: WordingParams): string {
  const given = params as unknown as Readonly<Record<string, string | undefined>>
  const filled = text
    .replace(SECTION, (_, name: string, section: string) => (given[name] === undefined ? '' : section))
    .replace(PLACEHOLDER, (_, name: string) => given[name] ?? '')
  return filled.charAt(0).toUpperCase() + filled.slice(1)
}
