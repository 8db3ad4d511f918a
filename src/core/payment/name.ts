/** Characters of an id that a client or an upstream has given, at most. */
export const NAME_CHARACTERS_MAX = 128

/**
 * Whether a text can name something in the journal: journals part texts by control characters, and some databases can
 * keep neither these nor half of a character.
 */
export function isName(text: string): boolean {
  return text.length > 0 && text.length <= NAME_CHARACTERS_MAX && text.isWellFormed() && !hasControl(text)
}

/** DEL too. */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}
