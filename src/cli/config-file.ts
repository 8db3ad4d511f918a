import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { UsageError } from './usage-error.ts'

/** The configuration that serves when none is named. */
export const SANDBOX_CONFIG_FILE = fileURLToPath(new URL('../config/sandbox.yaml', import.meta.url))

export interface ConfigFile {
  readonly file: string
  readonly text: string
}

/** Reads the named file, else the one in FUNDROUTE_CONFIG, else the bundled sandbox configuration. */
export async function readConfigFile(named: string | undefined): Promise<ConfigFile> {
  const file = named ?? process.env['FUNDROUTE_CONFIG'] ?? SANDBOX_CONFIG_FILE
  try {
    return { file, text: await readFile(file, 'utf8') }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error'
    throw new UsageError(`cannot read ${file} (${code})`, { cause })
  }
}
