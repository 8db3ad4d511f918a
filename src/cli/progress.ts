const BAR_WIDTH = 30

/** Shows how far long work is: on a terminal only, and on stderr, so that piped output stays clean. */
export function showProgress(done: number, total: number): void {
  if (!process.stderr.isTTY || (done % Math.max(1, Math.floor(total / 200)) !== 0 && done !== total)) return
  const filled = Math.round((done / total) * BAR_WIDTH)
  const bar = '#'.repeat(filled).padEnd(BAR_WIDTH, '.')
  process.stderr.write(`\r[${bar}] ${done}/${total}${done === total ? '\n' : ''}`)
}
