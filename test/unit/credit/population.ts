import { seededRandom } from '../../../src/core/credit/training/split.ts'
import { type Table, tableOf } from '../../../src/core/credit/training/table.ts'

/** A made-up population whose truth is known: what each column does to the log odds of being bad. */
export function population(rows: number, seed: number): { table: Table; bad: Uint8Array; text: string } {
  const random = seededRandom(seed)
  const header = ['income', 'debt', 'late_1', 'late_2', 'late_3', 'job', 'age', 'noise', 'bad']
  const lines = Array.from({ length: rows }, () => {
    const income = Math.round(2_000 + 8_000 * random())
    const debt = Math.round(20_000 * random())
    const late = [0, 1, 2].map(() => (random() < 0.75 ? 0 : 1 + Math.floor(3 * random())))
    const job = ['clerk', 'driver', 'nurse'][Math.floor(3 * random())] as string
    const age = 18 + Math.floor(50 * random())
    const missing = random() < 0.1
    const linear =
      -2.2 +
      0.9 * (debt / income - 2) +
      0.7 * Math.max(...late) +
      (job === 'nurse' ? -0.8 : 0) +
      (missing ? 0.6 : 0)
    const bad = random() < 1 / (1 + Math.exp(-linear)) ? 1 : 0
    return [missing ? '' : income, debt, ...late, job, age, random().toFixed(6), bad].map(String)
  })
  const at = header.indexOf('bad')
  return {
    table: tableOf(header, lines, new Set()),
    bad: Uint8Array.from(lines, line => Number(line[at])),
    text: [header, ...lines].map(line => line.join(',')).join('\n'),
  }
}
