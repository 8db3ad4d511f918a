/**
 * Runs `run` over all items, at most `parallelMax` at once for each upstream, so that one that hangs holds up nothing but
 * itself and is not met by everything that waits for it at the same time. `run` does not reject.
 */
export async function perUpstream<T>(
  items: readonly T[],
  upstreamOf: (item: T) => string,
  parallelMax: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  if (items.length <= 1) {
    for (const item of items) await run(item)
    return
  }
  const queues = new Map<string, T[]>()
  for (const item of items) {
    const upstream = upstreamOf(item)
    const queue = queues.get(upstream)
    if (queue === undefined) queues.set(upstream, [item])
    else queue.push(item)
  }
  const work = async (queue: T[]): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item)
  }
  const workers = [...queues.values()].flatMap(queue =>
    Array.from({ length: Math.min(parallelMax, queue.length) }, () => work(queue)),
  )
  await Promise.all(workers)
}
