import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

const HELP = `Usage: fundroute keys create [options]

Makes a secret and prints it once; nothing is stored. Put it into the environment variable that the configuration
names: export DEMO_API_KEY=$(fundroute keys create --id checkout)

  --id ID      the part that tells keys apart in logs: 1 to 32 of a-z, 0-9 and -
  --webhook    make a signing secret for webhooks or notifications (whsec_...) instead of an API key
  --json       print {id, secret}`

const SECRET_BYTES = 32
const ID_BYTES = 4

/** Makes an API key `fr_{id}_{64 hex digits}`, or a signing secret `whsec_{base64}`: 256 bits either way. */
export async function keysCreate(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      id: { type: 'string' },
      webhook: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    console.log(HELP)
    return 0
  }
  const id = values.id ?? randomBytes(ID_BYTES).toString('hex')
  if (!/^[a-z0-9-]{1,32}$/.test(id)) throw new UsageError('--id takes 1 to 32 of a-z, 0-9 and -')
  const random = randomBytes(SECRET_BYTES)
  const secret =
    values.webhook === true ? `whsec_${random.toString('base64')}` : `fr_${id}_${random.toString('hex')}`
  console.log(values.json === true ? JSON.stringify({ id, secret }) : secret)
  return 0
}
