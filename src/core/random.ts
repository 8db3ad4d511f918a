/** A stream of numbers in [0, 1) that its seed alone determines. */
export type RandomStream = () => number

/**
 * xoshiro128** by Blackman and Vigna (prng.di.unimi.it), its state filled from the seed by splitmix32.
 * For simulation and for draws that a record must reproduce; never for secrets.
 * @param seed an integer; only its low 32 bits count, and `stream` tells independent streams of one seed apart
 */
export function randomStream(seed: number, stream = 0): RandomStream {
  let filler = (seed ^ Math.imul(stream + 1, 0x9e3779b9)) | 0
  const fill = (): number => {
    filler = (filler + 0x9e3779b9) | 0
    let mixed = filler ^ (filler >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return mixed ^ (mixed >>> 15)
  }
  let a = fill()
  let b = fill()
  let c = fill()
  let d = fill() | 1
  return () => {
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return (result >>> 0) / 0x1_0000_0000
  }
}

/** A draw from the standard normal distribution (Box-Muller). */
export function drawNormal(random: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** A draw from the Poisson distribution: by products for small means, rounded normal above 60. */
export function drawPoisson(random: RandomStream, mean: number): number {
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * drawNormal(random)))
  const floor = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > floor && count < 1000; product *= random()) count++
  return count
}

/** The index of the share that the draw falls in; shares need not sum to one, the last takes the rest. */
export function drawIndex(random: RandomStream, shares: readonly number[]): number {
  let total = 0
  for (const share of shares) total += share
  let left = random() * total
  for (let index = 0; index < shares.length - 1; index++) {
    left -= shares[index] ?? 0
    if (left < 0) return index
  }
  return shares.length - 1
}

/** Every byte in two hex digits: looked up, because writing out many numbers is slow. */
export const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)
