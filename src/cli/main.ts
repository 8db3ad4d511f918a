#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { UsageError } from './usage-error.ts'

/** Exit status of every command. */
const FOUND_WRONG = 1
const MISUSE = 2

/** Words after `fundroute`, and the file that exports a function of the same name in camelCase. */
const COMMANDS = [
  { words: 'serve', file: 'serve', summary: 'start the gateway' },
  { words: 'check', file: 'check', summary: 'check a configuration' },
  { words: 'schema', file: 'schema', summary: 'print the JSON Schema of the configuration' },
  { words: 'keys create', file: 'keys-create', summary: 'make an API key or a signing secret' },
  { words: 'explain', file: 'explain', summary: 'tell why a route was or was not offered' },
  { words: 'replay', file: 'replay', summary: 'compute a recorded decision again' },
  { words: 'evaluate', file: 'evaluate', summary: 'judge a policy by recorded decisions' },
  { words: 'simulate policies', file: 'simulate-policies', summary: 'compare routing policies' },
  { words: 'simulate faults', file: 'simulate-faults', summary: 'look for a double charge under faults' },
  { words: 'stress', file: 'stress', summary: 'run liquidity stress tests' },
  { words: 'credit train', file: 'credit-train', summary: 'train a credit scorecard' },
  { words: 'sandbox', file: 'sandbox', summary: 'start the sandbox upstreams' },
  { words: 'doctor', file: 'doctor', summary: 'look at what the gateway depends on' },
  { words: 'recover', file: 'recover', summary: 'reconcile after a restore from backup' },
] as const

interface Command {
  readonly words: string
  readonly file: string
  readonly summary: string
}

type Run = (args: string[]) => Promise<number>

async function main(args: string[]): Promise<number> {
  const [first, second] = args
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    console.log(overview(available()))
    return first === undefined ? MISUSE : 0
  }
  const command = available().find(({ words }) => words === first || words === `${first} ${second}`)
  if (command !== undefined) return run(command, args.slice(command.words.split(' ').length))

  const family = available().filter(({ words }) => words.startsWith(`${first} `))
  if (family.length > 0) {
    console.log(overview(family))
    return second === '--help' || second === '-h' ? 0 : MISUSE
  }
  throw new UsageError(`there is no command "${first}"`)
}

async function run(command: Command, args: string[]): Promise<number> {
  const module = (await import(urlOf(command).href)) as Record<string, Run | undefined>
  const name = command.file.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const start = module[name]
  if (start === undefined) throw new TypeError(`${command.file} exports no function ${name}`)
  return start(args)
}

/** The commands that this build has. */
function available(): Command[] {
  return COMMANDS.filter(command => existsSync(urlOf(command)))
}

/** The file beside this one: `.ts` in the sources, `.js` in a build. */
function urlOf(command: Command): URL {
  return new URL(`./${command.file}${extname(import.meta.filename)}`, import.meta.url)
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ words }) => words.length))
  return [
    'Usage: fundroute COMMAND [options]     fundroute COMMAND --help',
    '',
    ...commands.map(({ words, summary }) => `  ${words.padEnd(width)}  ${summary}`),
    '',
    'Exit status: 0 in order, 1 found something wrong, 2 used wrongly.',
  ].join('\n')
}

function isMisuse(cause: unknown): boolean {
  if (cause instanceof UsageError) return true
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return code.startsWith('ERR_PARSE_ARGS')
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (cause) {
  const message = cause instanceof Error ? cause.message : String(cause)
  console.error(`fundroute: ${message}${isMisuse(cause) ? '; see fundroute --help' : ''}`)
  process.exitCode = isMisuse(cause) ? MISUSE : FOUND_WRONG
}
