/** Where Redis is and how it is run, taken from one URL. */
export type RedisAddress = {
  readonly tls: boolean
  readonly username?: string
  readonly password?: string
} & (
  | { readonly kind: 'single'; readonly node: RedisNode; readonly db: number }
  | {
      readonly kind: 'sentinel'
      readonly sentinels: readonly RedisNode[]
      readonly master: string
      readonly db: number
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] }
)

export interface RedisNode {
  readonly host: string
  readonly port: number
}

const NODES_MAX = 32
const FORM =
  /^redis(?<tls>s)?(?<kind>-sentinel|-cluster)?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?#]+)(?<path>\/[^?#]*)?$/

/**
 * Reads `REDIS_URL`:
 * - `redis://host:6379/0` - one server
 * - `redis-sentinel://host:26379,host:26379/master-name/0` - the master that the Sentinels name
 * - `redis-cluster://host:6379,host:6379` - a Cluster
 *
 * each with `rediss` for TLS, and `user:password@` before the hosts (percent-encoded).
 * @throws TypeError for anything else; the text of the URL is not repeated, because it holds the password
 */
export function parseRedisUrl(url: string): RedisAddress {
  const { tls, kind, user, password, hosts = '', path = '' } = FORM.exec(url)?.groups ?? {}
  const nodes = hosts.split(',').map(host => parseNode(host, kind === '-sentinel' ? 26_379 : 6_379))
  const segments = path.split('/').filter(segment => segment !== '')
  const access = {
    tls: tls !== undefined,
    ...(user === undefined || user === '' ? {} : { username: decodeURIComponent(user) }),
    ...(password === undefined ? {} : { password: decodeURIComponent(password) }),
  }
  const [first, ...others] = nodes
  if (first === undefined || nodes.length > NODES_MAX) throw malformed()
  switch (kind) {
    case '-cluster':
      if (segments.length > 0) throw malformed('a Cluster has one database, so no path')
      return { ...access, kind: 'cluster', nodes }
    case '-sentinel': {
      const [master, db] = segments
      if (master === undefined || segments.length > 2) throw malformed('the path names the master')
      return {
        ...access,
        kind: 'sentinel',
        sentinels: nodes,
        master: decodeURIComponent(master),
        db: parseDb(db),
      }
    }
    default:
      if (others.length > 0 || segments.length > 1) throw malformed('one server, one database')
      return { ...access, kind: 'single', node: first, db: parseDb(segments[0]) }
  }
}

function parseNode(text: string, defaultPort: number): RedisNode {
  const { host, port } = /^(?<host>[\w.-]+|\[[\da-f:]+\])(?::(?<port>\d{1,5}))?$/i.exec(text)?.groups ?? {}
  const number = port === undefined ? defaultPort : Number(port)
  if (host === undefined || number < 1 || number > 65_535) throw malformed()
  return { host: host.replace(/^\[|\]$/g, ''), port: number }
}

function parseDb(text: string | undefined): number {
  if (text === undefined) return 0
  if (!/^\d{1,4}$/.test(text)) throw malformed('the database is a number')
  return Number(text)
}

function malformed(
  hint = 'expected redis://host:port, redis-sentinel://hosts/master or redis-cluster://hosts',
) {
  return new TypeError(`REDIS_URL cannot be read: ${hint}`)
}
