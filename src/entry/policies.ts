import { stringify } from 'yaml'
import { type ConfigChange, diffConfigs } from '../config/diff.ts'
import { parseConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { decisionPolicyOf } from '../config/decision-policy.ts'
import type { DecisionPolicy } from '../core/decision.ts'
import type { Estimates } from '../gateway/estimates.ts'
import { comparePolicies } from '../gateway/compare.ts'
import { Facts } from '../gateway/facts.ts'
import type { Gateway } from '../gateway/runtime.ts'
import type { AdminPolicies } from '../http/admin-policies.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import type { Background } from './background.ts'
import type { LiveConfig } from './live-config.ts'

/** A policy as it was proposed: never changed afterwards. */
export interface PolicyVersion {
  readonly version: number
  readonly author: string
  readonly note: string
  /** Unix ms. */
  readonly at: number
  /** The `policy` section of the configuration. */
  readonly policy: unknown
}

/** Which version serves, and which did before: newest first. */
export interface PolicyActivation {
  readonly version: number
  readonly author: string
  readonly at: number
}

export type PolicyOutcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | { readonly kind: 'not_found' }
  /** Somebody else was quicker: look again. */
  | { readonly kind: 'conflict' }

interface Activations {
  readonly history: readonly PolicyActivation[]
  /** The section that the configuration file had when the newest was activated: a new file wins over the journal. */
  readonly over: string
}

const VERSIONS = 'policy'
const ACTIVE = 'policy_active'
const KEY = 'common'
const LIST_MAX = 200
const HISTORY_MAX = 100

/**
 * Versions of the common policy in the journal. A version is validated with the whole configuration before it is
 * kept and again when it is activated; whatever is wrong leaves the running policy in place. Every version and
 * every activation names its author. Instances that share a journal follow each other's activations.
 */
export class PolicyVersions {
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #live: LiveConfig
  /** What the file says: kept from the start, because activations replace it in what is live. */
  readonly #fileSection: string

  constructor(parts: { readonly journal: Journal; readonly clock: Clock; readonly live: LiveConfig }) {
    this.#journal = parts.journal
    this.#clock = parts.clock
    this.#live = parts.live
    this.#fileSection = JSON.stringify(parts.live.current().config.policy)
  }

  /** Newest first. */
  async list(): Promise<{
    versions: readonly Omit<PolicyVersion, 'policy'>[]
    activations: readonly PolicyActivation[]
  }> {
    const rows = await this.#journal.listRecords(VERSIONS, '', LIST_MAX)
    const versions = rows.map(({ body }) => JSON.parse(body) as PolicyVersion).reverse()
    return {
      versions: versions.map(({ version, author, note, at }) => ({ version, author, note, at })),
      activations: (await this.#activations())?.history ?? [],
    }
  }

  /** A version and what it changes of the running policy. */
  async show(
    version: number,
  ): Promise<PolicyOutcome<{ version: PolicyVersion; changes: readonly ConfigChange[] }>> {
    const found = await this.#find(version)
    if (found === undefined) return { kind: 'not_found' }
    const parsed = this.#with(found.policy, version)
    if (!parsed.ok) return { kind: 'refused', problems: parsed.problems }
    const changes = diffConfigs(this.#live.current().config, parsed.config)
    return { kind: 'done', value: { version: found, changes } }
  }

  /** Keeps a new version. It does not serve before it is activated. */
  async propose(
    policy: unknown,
    author: string,
    note: string,
  ): Promise<PolicyOutcome<{ version: number; changes: readonly ConfigChange[] }>> {
    const parsed = this.#with(policy)
    if (!parsed.ok) return { kind: 'refused', problems: parsed.problems }
    const rows = await this.#journal.listRecords(VERSIONS, '', LIST_MAX)
    const version = rows.length + 1
    if (version > LIST_MAX) return { kind: 'refused', problems: [`at most ${LIST_MAX} versions are kept`] }
    const row: PolicyVersion = { version, author, note, at: this.#clock.now(), policy }
    const kept = await this.#journal.putRecord(
      { collection: VERSIONS, key: keyOf(version), at: row.at, body: JSON.stringify(row) },
      0,
    )
    if (!kept) return { kind: 'conflict' }
    return {
      kind: 'done',
      value: { version, changes: diffConfigs(this.#live.current().config, parsed.config) },
    }
  }

  async activate(version: number, author: string): Promise<PolicyOutcome<PolicyActivation>> {
    const found = await this.#find(version)
    if (found === undefined) return { kind: 'not_found' }
    const row = await this.#journal.getRecord(ACTIVE, KEY)
    const history = row === undefined ? [] : (JSON.parse(row.body) as Activations).history
    const parsed = this.#with(found.policy, version)
    if (!parsed.ok) return { kind: 'refused', problems: parsed.problems }
    const activation = { version, author, at: this.#clock.now() }
    const body: Activations = {
      history: [activation, ...history].slice(0, HISTORY_MAX),
      over: this.#fileSection,
    }
    const kept = await this.#journal.putRecord(
      { collection: ACTIVE, key: KEY, at: activation.at, body: JSON.stringify(body) },
      row?.version ?? 0,
    )
    if (!kept) return { kind: 'conflict' }
    const applied = await this.#apply(found)
    return applied.length > 0 ? { kind: 'refused', problems: applied } : { kind: 'done', value: activation }
  }

  /** Goes back to the version that served before the present one. */
  async rollback(author: string): Promise<PolicyOutcome<PolicyActivation>> {
    const history = (await this.#activations())?.history ?? []
    const previous = history.find(({ version }) => version !== history[0]?.version)
    return previous === undefined ? { kind: 'not_found' } : this.activate(previous.version, author)
  }

  /** A policy that is not kept, or a kept one, as decisions of a tenant would be made under it. */
  async policyFor(
    tenant: string,
    given: { policy?: unknown; version?: number },
  ): Promise<PolicyOutcome<DecisionPolicy>> {
    const found = given.version === undefined ? undefined : await this.#find(given.version)
    if (given.version !== undefined && found === undefined) return { kind: 'not_found' }
    const parsed = this.#with(found === undefined ? given.policy : found.policy)
    if (!parsed.ok) return { kind: 'refused', problems: parsed.problems }
    return { kind: 'done', value: decisionPolicyOf(parsed.config, 'dry-run', tenant) }
  }

  /**
   * Serves what the journal says is active: at the start, and when another instance has activated something. A file
   * whose policy was edited since wins, because whoever edited it expects it to serve.
   */
  async follow(): Promise<'unchanged' | 'applied' | 'refused'> {
    const active = await this.#activations()
    const newest = active?.history[0]
    if (active === undefined || newest === undefined || active.over !== this.#fileSection) return 'unchanged'
    const found = await this.#find(newest.version)
    const serving = this.#live.current().config.policy
    const parsed = found === undefined ? undefined : this.#with(found.policy, newest.version)
    if (found === undefined || parsed === undefined || !parsed.ok) return 'refused'
    if (JSON.stringify(parsed.config.policy) === JSON.stringify(serving)) return 'unchanged'
    return (await this.#apply(found)).length === 0 ? 'applied' : 'refused'
  }

  async #apply({ policy, version }: PolicyVersion): Promise<readonly string[]> {
    const applied = await this.#live.apply(this.#textWith(policy), `policy version ${version}`)
    return applied.ok ? [] : applied.problems
  }

  #with(
    policy: unknown,
    version?: number,
  ): { ok: true; config: Config } | { ok: false; problems: readonly string[] } {
    const name = version === undefined ? 'policy' : `policy version ${version}`
    const parsed = parseConfig(this.#textWith(policy), name)
    return parsed.ok ? parsed : { ok: false, problems: parsed.problems.map(formatProblem) }
  }

  #textWith(policy: unknown): string {
    return stringify({ ...this.#live.current().config, policy }, { aliasDuplicateObjects: false })
  }

  async #find(version: number): Promise<PolicyVersion | undefined> {
    const row = await this.#journal.getRecord(VERSIONS, keyOf(version))
    return row === undefined ? undefined : (JSON.parse(row.body) as PolicyVersion)
  }

  async #activations(): Promise<Activations | undefined> {
    const row = await this.#journal.getRecord(ACTIVE, KEY)
    return row === undefined ? undefined : (JSON.parse(row.body) as Activations)
  }
}

/** So that keys sort as numbers do. */
function keyOf(version: number): string {
  return String(version).padStart(6, '0')
}

/** How often an instance looks whether another one has activated a policy, ms. */
const FOLLOW_MS = 5_000

/** Serves the active version at the start, and follows activations by other instances. */
export async function followPolicies(
  versions: PolicyVersions,
  background: Background,
  telemetry: Telemetry,
): Promise<void> {
  const follow = async (): Promise<'idle'> => {
    if ((await versions.follow()) === 'refused')
      telemetry.record({ kind: 'fault', area: 'policy', cause: 'active_version_refused' })
    return 'idle'
  }
  await follow()
  background.loop('policy', FOLLOW_MS, follow)
}

/** What the operators' listener offers about policies. */
export function adminPolicies(
  versions: PolicyVersions,
  gateway: Gateway,
  estimates: Estimates,
): AdminPolicies {
  const facts = new Facts(gateway.ports)
  return {
    list: () => versions.list(),
    show: version => versions.show(version),
    propose: (policy, author, note) => versions.propose(policy, author, note),
    activate: (version, author) => versions.activate(version, author),
    rollback: author => versions.rollback(author),
    policyFor: (tenant, given) => versions.policyFor(tenant, given),
    compare: (tenant, context, policy) => comparePolicies(gateway, facts, tenant, context, policy),
    hasTenant: tenant => gateway.runtime().tenants.has(tenant),
    experiments: () =>
      [...gateway.runtime().tenants.values()].flatMap(({ id: tenant, experiments = [] }) =>
        experiments.map(experiment => {
          const { id, percent } = experiment
          return { tenant, id, percent, ...estimates.trial(experiment) }
        }),
      ),
  }
}
