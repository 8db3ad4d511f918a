/** Check digit of card numbers (ISO/IEC 7812-1, annex B). */
function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30
    const weighed = i % 2 === 0 ? digit : digit * 2
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return sum % 10 === 0
}

/** Any text with fewer digits than a card number has is let through by this alone. */
const ENOUGH_DIGITS = /\d(?:[\s._/-]{0,3}\d){12}/

/** Ids of machines, UUIDs and hex words with a letter in them: among many, some would pass the check by chance. */
const HEX_IDS =
  /(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\d*[a-f])[0-9a-f]{13,})(?![0-9a-z])/gi

/** Groups of digits with single blanks or dashes between them. */
const DIGIT_GROUPS = /\d+(?:[ -]\d+)*/g

/** Four groups of four, or four, six and five as American Express prints them, with more between them than a blank. */
const PRINTED = /(?<!\d)(?=((?:\d{4}[\s._/-]{1,3}){3}\d{4}|\d{4}[\s._/-]{1,3}\d{6}[\s._/-]{1,3}\d{5})(?!\d))/g

/** Full-width digits and wide blanks are read as the plain ones, and what cannot be seen is passed over. */
const BEYOND_ASCII = /[^\0-\x7f]/
const INVISIBLE = /\p{Cf}/gu

/** False for most texts, and then no part of them is a card number: a quick look before the thorough one. */
export function mayHoldCardNumber(text: string): boolean {
  return ENOUGH_DIGITS.test(text) || BEYOND_ASCII.test(text)
}

/**
 * Whether a text holds a card number: 13 to 19 digits that begin as card numbers do (2 to 6) and pass the check, in
 * one group or in several, with whatever before and behind.
 */
export function holdsCardNumber(given: string): boolean {
  const plain = BEYOND_ASCII.test(given) ? given.normalize('NFKC').replaceAll(INVISIBLE, '') : given
  if (!ENOUGH_DIGITS.test(plain)) return false
  const text = plain.replaceAll(HEX_IDS, 'id')
  for (const [, printed = ''] of text.matchAll(PRINTED))
    if (isCardNumber(printed.replaceAll(/\D/g, ''))) return true
  for (const [run] of text.matchAll(DIGIT_GROUPS)) {
    const groups = run.split(/[ -]/)
    for (let from = 0; from < groups.length; from++) {
      let digits = ''
      for (let to = from; to < groups.length && digits.length < 19; to++) {
        digits += groups[to]
        if (isCardNumber(digits)) return true
      }
    }
  }
  return false
}

function isCardNumber(digits: string): boolean {
  return digits.length >= 13 && digits.length <= 19 && /^[2-6]/.test(digits) && passesLuhn(digits)
}

/** Runs of 13 to 19 digits that stand by themselves: inside longer words they are parts of ids. */
const RUN = /(?<![0-9A-Za-z])[2-6](?:[ -]?\d){12,18}(?![0-9A-Za-z])/g

/** The text with everything taken out that could be a card number. */
export function withoutCardNumbers(text: string): string {
  if (!ENOUGH_DIGITS.test(text)) return text
  return text.replace(RUN, run => (passesLuhn(run.replaceAll(/[ -]/g, '')) ? '[redacted]' : run))
}
