/** The only source of randomness. */
export interface Random {
  /** `digits` random lowercase hex digits. */
  hex(digits: number): string
  /** A random 32-bit unsigned integer. */
  uint32(): number
  /** Uniform in [0, 1). */
  next(): number
}
