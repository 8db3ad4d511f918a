/** Check digit of card numbers (ISO/IEC 7812-1, annex B). */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30
    const weighed = i % 2 === 0 ? digit : digit * 2
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return sum % 10 === 0
}

/** Runs of 13 to 19 digits that stand by themselves: inside longer words they are parts of ids. */
const RUN = /(?<![0-9A-Za-z])[2-6](?:[ -]?\d){12,18}(?![0-9A-Za-z])/g

/** The text with everything taken out that could be a card number. */
export function withoutCardNumbers(text: string): string {
  return text.replace(RUN, run => (passesLuhn(run.replaceAll(/[ -]/g, '')) ? '[redacted]' : run))
}
