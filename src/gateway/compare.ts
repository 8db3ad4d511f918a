import { type Decision, type DecisionPolicy, decide } from '../core/decision.ts'
import { hash32 } from '../core/hash.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import { gatherInputs } from './decide.ts'
import type { Facts } from './facts.ts'
import type { Gateway, TenantRuntime } from './runtime.ts'

/** What a payment would come to now under the running policy and under another. Nothing is kept or explored. */
export async function comparePolicies(
  gateway: Gateway,
  facts: Facts,
  tenant: string,
  context: PaymentContext,
  policy: DecisionPolicy,
): Promise<{ readonly running: Decision; readonly other: Decision }> {
  const runtime = gateway.runtime()
  const running = runtime.tenants.get(tenant) as TenantRuntime
  const inputs = await gatherInputs(gateway, runtime, facts, {
    // The other policy may commit volume where the running one does not.
    tenant: { ...running, shadows: [...(running.shadows ?? []), policy] },
    context,
    paying: false,
    prior: [],
    seed: hash32(context.orderId),
  })
  return { running: decide(running.policy, inputs), other: decide(policy, inputs) }
}
