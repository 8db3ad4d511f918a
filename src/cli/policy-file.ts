import { parseDocument, stringify } from 'yaml'
import { loadConfig } from '../config/load.ts'
import { type ConfigProblem, formatProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { readConfigFile } from './config-file.ts'
import { UsageError } from './usage-error.ts'

/** The configuration that runs, and the same under another policy. */
export interface PolicyFile {
  readonly running: { readonly config: Config; readonly version: string }
  readonly changed: { readonly config: Config; readonly version: string }
}

/** A policy that cannot be used: each line says what is wrong and where. */
export class PolicyRefused extends Error {
  override readonly name = 'PolicyRefused'
}

/**
 * Reads a policy file: the section `policy` of a configuration, with or without its key, or a whole configuration.
 * @param configFile the configuration that the section takes its place in; as `readConfigFile` when absent
 * @throws PolicyRefused, or UsageError for a file that cannot be read
 */
export async function readPolicyFile(
  policyFile: string,
  configFile: string | undefined,
): Promise<PolicyFile> {
  const base = await readConfigFile(configFile)
  const running = accepted(await loadConfig(base.text, base.file))
  const { text, file } = await readConfigFile(policyFile)
  const content: unknown = parseDocument(text).toJS({ maxAliasCount: 100 })
  const keys = content !== null && typeof content === 'object' ? Object.keys(content) : []
  if (keys.includes('routes')) return { running, changed: accepted(await loadConfig(text, file)) }

  const { policy: _replaced, ...rest } = parseDocument(base.text).toJS() as Record<string, unknown>
  const before = stringify(rest, { aliasDuplicateObjects: false })
  const isSection = keys.length === 1 && keys[0] === 'policy'
  const section = isSection ? text : `policy:\n${indented(text)}`
  const lines = before.split('\n').length - 1 + (isSection ? 0 : 1)
  const loaded = await loadConfig(before + section, file)
  if (loaded.ok) return { running, changed: loaded }
  return refuse(loaded.problems.map(problem => moved(problem, lines, isSection ? 0 : INDENT.length)))
}

function accepted(loaded: Awaited<ReturnType<typeof loadConfig>>): { config: Config; version: string } {
  return loaded.ok ? loaded : refuse(loaded.problems)
}

function refuse(problems: readonly ConfigProblem[]): never {
  throw new PolicyRefused(problems.map(formatProblem).join('\n'))
}

const INDENT = '  '

function indented(text: string): string {
  return text
    .split('\n')
    .map(line => (line.trim() === '---' ? '' : INDENT + line))
    .join('\n')
}

/** From the place in the text that was put together to the place in the policy's own file. */
function moved(problem: ConfigProblem, lines: number, columns: number): ConfigProblem {
  return {
    ...problem,
    line: Math.max(1, problem.line - lines),
    column: Math.max(1, problem.column - columns),
  }
}

/** The tenant that is meant: the only one, or the one that is named. */
export function tenantOf({ tenants }: Config, named: string | undefined): string {
  const ids = tenants.map(({ id }) => id)
  if (named !== undefined) {
    if (!ids.includes(named)) throw new UsageError(`there is no tenant "${named}": ${ids.join(', ')}`)
    return named
  }
  const [id] = ids
  if (id === undefined || ids.length > 1)
    throw new UsageError(`name one tenant with --tenant: ${ids.join(', ')}`)
  return id
}
