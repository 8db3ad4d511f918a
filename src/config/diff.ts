import type { Config } from './schema.ts'

export interface ConfigChange {
  /** Such as `routes[card_a].cost.percentBps`: entries with an id are named by it, others by position. */
  readonly path: string
  /** JSON text, absent when the key is new. */
  readonly before?: string
  /** JSON text, absent when the key is gone. */
  readonly after?: string
}

/**
 * What changes from one configuration to the other, defaults filled in on both sides. Entries are matched by id, so
 * moving one is told as a move (`(order)`), not as a rewrite of everything behind it.
 */
export function diffConfigs(before: Config, after: Config): ConfigChange[] {
  return diffValues(before, after, '')
}

/** One change as a line for people. */
export function formatChange(change: ConfigChange): string {
  if (change.before === undefined) return `+ ${change.path}: ${change.after}`
  if (change.after === undefined) return `- ${change.path}: ${change.before}`
  return `~ ${change.path}: ${change.before} -> ${change.after}`
}

function diffValues(before: unknown, after: unknown, path: string): ConfigChange[] {
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [{ path, after: JSON.stringify(after) }]
  if (after === undefined) return [{ path, before: JSON.stringify(before) }]
  if (hasIds(before) && hasIds(after)) return diffLists(before, after, path)
  if (isMapping(before) && isMapping(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap(key => diffValues(before[key], after[key], path === '' ? key : `${path}.${key}`))
  }
  const [was, is] = [JSON.stringify(before), JSON.stringify(after)]
  return was === is ? [] : [{ path, before: was, after: is }]
}

function diffLists(before: readonly Entry[], after: readonly Entry[], path: string): ConfigChange[] {
  const ids = [...new Set([...before, ...after].map(entry => entry.id))]
  const changes = ids.flatMap(id => {
    const [was, is] = [before, after].map(list => list.find(entry => entry.id === id))
    return diffValues(was, is, `${path}[${id}]`)
  })
  const order = (list: readonly Entry[], other: readonly Entry[]) =>
    list.map(entry => entry.id).filter(id => other.some(entry => entry.id === id))
  const [was, is] = [JSON.stringify(order(before, after)), JSON.stringify(order(after, before))]
  return was === is ? changes : [...changes, { path: `${path} (order)`, before: was, after: is }]
}

interface Entry {
  readonly id: string
}

function hasIds(value: unknown): value is readonly Entry[] {
  return Array.isArray(value) && value.every(entry => isMapping(entry) && typeof entry['id'] === 'string')
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
