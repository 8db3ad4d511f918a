import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStrictJson } from '../../../src/http/json.ts'
import { Problem } from '../../../src/http/problem.ts'

const DEPTH_MAX = 5
const read = (text: string): unknown => parseStrictJson(text, DEPTH_MAX)
const blank = fc.constantFrom('', ' ', '\n', '\t ')
const name = fc.constantFrom('a', 'b', ':', 'a:', 'c d', '')

/** A value, its text with blanks anywhere, and whether some object in it names a member twice. */
interface Written {
  readonly text: string
  readonly twice: boolean
}

const leaf: fc.Arbitrary<Written> = fc
  .oneof(fc.constantFrom(':', '::', ',', '{', ']', '', 'text'), fc.integer(), fc.boolean())
  .map(value => ({ text: JSON.stringify(value), twice: false }))

const written = fc.letrec<{ value: Written }>(tie => ({
  value: fc.oneof(
    { maxDepth: DEPTH_MAX - 2, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }).map(elements => ({
      text: `[${elements.map(({ text }) => text).join(' , ')}]`,
      twice: elements.some(({ twice }) => twice),
    })),
    fc.array(fc.tuple(name, tie('value'), blank, blank), { maxLength: 4 }).map(members => ({
      text: `{${members.map(([key, { text }, before, after]) => `${before}${JSON.stringify(key)}${after}:${before}${text}`).join(',')}}`,
      twice:
        members.some(([, { twice }]) => twice) || new Set(members.map(([key]) => key)).size < members.length,
    })),
  ),
})).value

/** Values of every kind that is counted or refused, many at a time, so that bodies come close to the limits. */
const crowd = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom(
          '[]',
          '{}',
          '[[]]',
          '{"a":{}}',
          '{"a":1,"b":[]}',
          '0',
          '""',
          'null',
          '":"',
          '[1,[2]]',
        ),
        fc.constantFrom(
          '9007199254740991',
          '9007199254740992',
          '1e400',
          '-9007199254740993',
          '4111111111111111',
        ),
        fc.constantFrom('{"a":1,"a":2}', '{"__proto__":1}', '[[[[[[]]]]]]', `"${'x'.repeat(4_095)}"`),
        fc.constantFrom('"4111 1111 1111 1111"', `"${'x'.repeat(4_096)}"`, `{"${'y'.repeat(4_095)}":1}`),
        written.map(({ text }) => text),
      ),
      fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat({ max: 2_100 }) }),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map(parts => parts.flatMap(([text, times]) => Array.from({ length: times }, () => text)).join(','))

/** What became of a body, without the place where it was refused. */
function verdict(text: string): string {
  try {
    read(text)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.code
  }
}

describe('a body of a money route', () => {
  it('is judged the same whether it is scanned, as with an escape in it, or seen to be in order without', () => {
    fc.assert(
      fc.property(crowd, text => {
        const body = (last: string) => `[${text === '' ? '' : `${text},`}"${last}"]`
        expect(verdict(body('\\u0078'))).toBe(verdict(body('x')))
      }),
      { numRuns: 300 },
    )
  })

  it('counts an empty object or array as a value, whichever way it is read', () => {
    const body = (count: number, last: string) => `[${'[],'.repeat(count)}"${last}"]`
    for (const last of ['x', '\\u0078']) {
      expect(verdict(body(999, last))).toBe('accepted')
      expect(verdict(body(1_000, last))).toBe('invalid_request')
    }
  })

  it('is read as it stands, and refused exactly when a name is given twice, however it is written', () => {
    fc.assert(
      fc.property(written, ({ text, twice }) => {
        if (twice) expect(() => read(text)).toThrow(Problem)
        else expect(read(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['a name twice', '{"a":1,"a" :2}'],
    ['a name twice beside a value that looks like one', '{"a":":x","a":2}'],
    ['a name that is written in two ways', '{"a":1,"\\u0061":2}'],
    ['a card number as text', '{"a":["4111111111111111"]}'],
    ['a card number as a number', '{"a":4111111111111111}'],
    ['a card number in wide digits', '{"a":"４１１１１１１１１１１１１１１１"}'],
    ['a number that would be rounded', '{"a":9007199254740993}'],
    ['a number beyond all numbers', '{"a":1.234567e+300}'],
    ['a NUL', '{"a":"\\u0000"}'],
    ['a prototype', '{"__proto__":{}}'],
    ['more depth than is allowed', '[[[[[[]]]]]]'],
    ['a text without an end to it', `{"a":"${'x'.repeat(5_000)}"}`],
    ['more values than anybody needs', `[${'0,'.repeat(2_001)}0]`],
    ['what is no JSON', '{"a":1,}'],
  ])('with %s is refused', (_, text) => {
    expect(() => read(text)).toThrow(Problem)
  })

  it('may hold as much as the limits allow', () => {
    const full = JSON.stringify([[[[['x'.repeat(4_000)]]]], Array.from({ length: 1_900 }, (__, i) => i)])
    expect(read(full)).toEqual(JSON.parse(full))
  })
})
