import { type LookupAddress, lookup as resolve } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Where events may go. `public`: addresses of the internet alone. `loopback`: this machine, for trying things out.
 * `private`: private networks too, by an operator's explicit word. Link-local addresses, behind which clouds keep
 * their credentials, are in none of them.
 */
export type Reach = 'public' | 'loopback' | 'private'

const PRIVATE_RANGES = new Set(['unicast', 'private', 'loopback', 'uniqueLocal', 'carrierGradeNat'])
/** Global unicast, RFC 4291: outside of it lie the prefixes that smuggle IPv4 addresses into IPv6. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')
/** `::1.2.3.4`, long out of use; the library would take it for the IPv4 address. */
const IPV4_COMPATIBLE = /^::\d+\./

/**
 * Whether an address, in any notation, may be connected to. An IPv4 address in IPv6 clothes (mapped, NAT64, 6to4,
 * Teredo) counts as what it really reaches, or is refused.
 */
export function mayReach(address: string, reach: Reach): boolean {
  if (!ipaddr.isValid(address) || IPV4_COMPATIBLE.test(address)) return false
  const parsed = ipaddr.process(address)
  const range = parsed.range()
  if (reach === 'loopback') return range === 'loopback'
  if (reach === 'private' && PRIVATE_RANGES.has(range)) return range !== 'unicast' || isGlobal(parsed)
  return range === 'unicast' && isGlobal(parsed)
}

function isGlobal(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST)
}

/** Why nothing was connected to: no byte has left. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
  readonly code = 'ADDRESS_REFUSED'

  constructor() {
    super('the address is not one that events may be sent to')
  }
}

/** The host of a URL, checked when it is an address by itself: then no name is looked up and no lookup is asked. */
export function assertHost(url: URL, reach: Reach): void {
  const host = url.hostname.replaceAll(/^\[|\]$/g, '')
  if (ipaddr.isValid(host) && !mayReach(host, reach)) throw new AddressRefused()
}

export type Resolver = (
  name: string,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

const systemResolver: Resolver = (name, done) => resolve(name, { all: true, verbatim: true }, done)

/**
 * A lookup for sockets: resolves once, refuses the name when any of its addresses is refused, and hands the checked
 * addresses to the connection, so that a second answer of the name server can change nothing.
 */
export function guardedLookup(reach: Reach, resolver: Resolver = systemResolver): LookupFunction {
  return (name, options, done) => {
    resolver(name, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null) done(error, '')
      else if (first === undefined || !addresses.every(({ address }) => mayReach(address, reach))) {
        done(new AddressRefused(), '')
      } else if (options.all === true) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}
