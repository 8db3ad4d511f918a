import { holdsCardNumber, mayHoldCardNumber } from '../core/payment/card-number.ts'
import { Problem } from './problem.ts'

/** Most members and elements of one body. */
const VALUES_MAX = 2_000
const STRING_CHARACTERS_MAX = 4_096

/**
 * Parses a body for a money route. JSON.parse takes the last of two equal keys, rounds integers beyond 2^53 and
 * accepts any depth, each of which has cost somebody money; here they are errors with the place. A card number,
 * that is 13 to 19 digits with a valid check digit anywhere in the text, is refused before anything else sees it.
 *
 * A `foreign` body is passed on as it came and in a format that is not ours: only what two readers could take for
 * different things is refused.
 *
 * Throws a `Problem`; no message holds a value of the body.
 */
export function parseStrictJson(text: string, depthMax: number, format: 'own' | 'foreign' = 'own'): unknown {
  const scan = (): void => new Scan(text, depthMax, format === 'foreign').check()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    scan()
    throw new Problem('invalid_json', { detail: 'The body does not follow the JSON grammar.' })
  }
  if (!isHarmless(text, value, depthMax)) scan()
  return value
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/**
 * Whether a body can be seen to be in order by what became of it, as nearly all can; only the others are scanned, which
 * costs as much as to parse them. With every name closed by one `":`, there are as many names in the text as members in
 * the value, or some were given twice.
 */
function isHarmless(text: string, value: unknown, depthMax: number): boolean {
  if (text.includes('\\') || mayHoldCardNumber(text)) return false
  const tally = new Tally()
  return tally.add(value, depthMax) && tally.members === namesIn(text)
}

/** Quotes with a colon behind them: as many as there are names, or more where a value begins with a colon. */
function namesIn(text: string): number {
  let names = 0
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    let before = colon - 1
    while (isBlank(text.charCodeAt(before))) before--
    if (text.charCodeAt(before) === QUOTE) names++
  }
  return names
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** Counts what is in a parsed value as a scan of its text does, as long as it is well within the limits. */
class Tally {
  members = 0
  #values = 0

  add(value: unknown, depthLeft: number): boolean {
    if (typeof value === 'string') return value.length < STRING_CHARACTERS_MAX - 1
    if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER
    if (typeof value !== 'object' || value === null) return true
    if (depthLeft <= 0) return false
    if (Array.isArray(value)) {
      return this.#count(value.length) && value.every(element => this.add(element, depthLeft - 1))
    }
    let own = 0
    for (const name in value) {
      own++
      if (name === '__proto__' || name.length >= STRING_CHARACTERS_MAX - 1) return false
      if (!this.add((value as Record<string, unknown>)[name], depthLeft - 1)) return false
    }
    this.members += own
    return this.#count(own)
  }

  /** What is in one object or array. An empty one counts for itself, or any number of them would be nothing. */
  #count(values: number): boolean {
    this.#values += Math.max(1, values)
    return this.#values <= VALUES_MAX
  }
}

/** One open object or array: the keys seen so far, or the position. */
interface Level {
  readonly keys: Set<string> | undefined
  key: string
  index: number
}

/** One pass over the text for what JSON.parse lets through. The grammar itself is left to JSON.parse. */
class Scan {
  readonly #text: string
  readonly #depthMax: number
  readonly #foreign: boolean
  /** Whether a quote may be escaped anywhere in the text. */
  readonly #escapes: boolean
  readonly #levels: Level[] = []
  #values = 0
  #expectsKey = false

  constructor(text: string, depthMax: number, foreign: boolean) {
    this.#text = text
    this.#depthMax = depthMax
    this.#foreign = foreign
    this.#escapes = text.includes('\\')
  }

  check(): void {
    const text = this.#text
    for (let i = 0; i < text.length; ) {
      const code = text.charCodeAt(i)
      switch (code) {
        case QUOTE:
          i = this.#string(i)
          break
        case OPEN_BRACE:
        case OPEN_BRACKET:
          this.#open(code === OPEN_BRACE)
          i++
          break
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          this.#levels.pop()
          this.#expectsKey = false
          i++
          break
        case COMMA:
          this.#next()
          i++
          break
        case COLON:
          this.#expectsKey = false
          i++
          break
        default:
          i = isDigit(code) || code === 0x2d ? this.#number(i) : i + 1
      }
    }
  }

  #open(isObject: boolean): void {
    if (this.#levels.length >= this.#depthMax) {
      throw this.#invalid(`must not be nested deeper than ${this.#depthMax}`)
    }
    this.#count()
    this.#levels.push({ keys: isObject ? new Set() : undefined, key: '', index: 0 })
    this.#expectsKey = isObject
  }

  #next(): void {
    this.#count()
    const level = this.#levels.at(-1)
    if (level === undefined) return
    if (level.keys === undefined) level.index++
    else this.#expectsKey = true
  }

  #count(): void {
    if (++this.#values > VALUES_MAX) throw this.#invalid(`must not hold more than ${VALUES_MAX} values`)
  }

  /** Returns the position after the closing quote. */
  #string(start: number): number {
    const text = this.#text
    const end = this.#escapes ? this.#closingQuote(start) : endOr(text, text.indexOf('"', start + 1))
    if (end - start > STRING_CHARACTERS_MAX && !this.#foreign) {
      throw this.#invalid(`must not be longer than ${STRING_CHARACTERS_MAX} characters`)
    }
    const level = this.#expectsKey ? this.#levels.at(-1) : undefined
    // Most values are short, and there is nothing more to know about them.
    if (level === undefined && end - start <= 13 && !this.#escapes) return end + 1
    const raw = text.slice(start + 1, end)
    const escaped = this.#escapes && raw.includes('\\')
    const value = escaped ? unescape(raw) : raw
    if (level?.keys !== undefined) {
      level.key = value
      if (level.keys.has(value)) throw this.#invalid('must not be given twice')
      if (value === '__proto__') throw this.#invalid('is not a name that is accepted')
      level.keys.add(value)
    }
    // Journals keep both as something else, so that two orders could become one. Only escapes can make them.
    if (escaped && (!value.isWellFormed() || value.includes('\0'))) {
      throw this.#invalid('must not hold NUL or half a character')
    }
    if (value.length >= 13 && !this.#foreign && holdsCardNumber(value)) throw this.#cardNumber()
    return end + 1
  }

  #closingQuote(start: number): number {
    const text = this.#text
    let end = start + 1
    while (end < text.length && text.charCodeAt(end) !== QUOTE)
      end += text.charCodeAt(end) === BACKSLASH ? 2 : 1
    return end
  }

  #number(start: number): number {
    const text = this.#text
    let end = start + 1
    while (end < text.length && isNumberPart(text.charCodeAt(end))) end++
    const length = end - start
    if (length >= 13 && !this.#foreign) {
      const raw = text.slice(start, end)
      if (holdsCardNumber(raw)) throw this.#cardNumber()
      const value = Number(raw)
      if (!Number.isSafeInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
        throw this.#invalid('must be an integer that can be told exactly, or text')
      }
    }
    return end
  }

  #pointer(): string {
    return this.#levels
      .map(({ keys, key, index }) => `/${keys === undefined ? index : escapePointer(key)}`)
      .join('')
  }

  #invalid(message: string): Problem {
    return new Problem('invalid_request', { errors: [{ pointer: this.#pointer(), message }] })
  }

  #cardNumber(): Problem {
    // A key that is itself a card number must not be echoed in the pointer either.
    const level = this.#levels.at(-1)
    if (level !== undefined && holdsCardNumber(level.key)) level.key = '(name withheld)'
    return new Problem('card_number_refused', {
      detail: 'Send a token instead. Nothing of this request was kept.',
      errors: [{ pointer: this.#pointer(), message: 'must not hold a card number' }],
    })
  }
}

function endOr(text: string, found: number): number {
  return found < 0 ? text.length : found
}

function unescape(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string
  } catch {
    return raw
  }
}

export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 100)
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** Digits, sign, point and exponent. */
function isNumberPart(code: number): boolean {
  return isDigit(code) || code === 0x2b || code === 0x2d || code === 0x2e || code === 0x45 || code === 0x65
}
