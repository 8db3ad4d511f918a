/** A change of the product's source text: `find` is there exactly once. */
export interface Edit {
  /** Below src/. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** The text with the changes. A text that is not there, or there twice, throws: the mutant has to be mended. */
export function mutated(text: string, edits: readonly Edit[]): string {
  return edits.reduce((changed, { file, find, replace }) => {
    const parts = changed.split(find)
    if (parts.length !== 2) throw new Error(`${file}: found ${parts.length - 1} times: ${find}`)
    return parts.join(replace)
  }, text)
}
