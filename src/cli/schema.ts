import { parseArgs } from 'node:util'
import { configJsonSchema } from '../config/json-schema.ts'

const HELP = `Usage: fundroute schema

Prints the JSON Schema (draft 2020-12) of the configuration. Save it and name it in the first line of a file, and
editors complete and check the file as you type:

  # yaml-language-server: $schema=./fundroute.schema.json`

/** Prints the JSON Schema of the configuration. */
export async function schema(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } },
  })
  console.log(values.help === true ? HELP : JSON.stringify(configJsonSchema(), undefined, 2))
  return 0
}
