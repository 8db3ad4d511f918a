import { type DecisionInputs, type DecisionPolicy, decide } from '../decision.ts'

const PARTS = [
  'routes',
  'economics',
  'attemptsMax',
  'preference',
  'leaveOutLosing',
  'fallback',
  'exploration',
] as const

/**
 * Which differences between two policies matter for a decision: those without which the second policy would decide
 * otherwise than it does; where there is none, those that would be enough alone. Rules are named one by one (`rule ID`),
 * all else by its part of the policy.
 */
export function causesOf(from: DecisionPolicy, to: DecisionPolicy, inputs: DecisionInputs): string[] {
  const cascade = decide(to, inputs).cascade.join()
  const decidesSo = (policy: DecisionPolicy): boolean => decide(policy, inputs).cascade.join() === cascade
  if (decidesSo(from)) return []
  const needed = differences(from, to).filter(({ undone }) => !decidesSo(undone))
  const found = needed.length > 0 ? needed : differences(to, from).filter(({ undone }) => decidesSo(undone))
  return found.map(({ name }) => name)
}

/** Every difference by name, with the second policy as it would be without it. */
function differences(from: DecisionPolicy, to: DecisionPolicy): { name: string; undone: DecisionPolicy }[] {
  const parts = PARTS.filter(part => JSON.stringify(from[part]) !== JSON.stringify(to[part])).map(part => ({
    name: part as string,
    undone: { ...to, [part]: from[part] },
  }))
  return [...parts, ...ruleDifferences(from, to)]
}

function ruleDifferences(
  from: DecisionPolicy,
  to: DecisionPolicy,
): { name: string; undone: DecisionPolicy }[] {
  const ids = new Set([...from.rules, ...to.rules].map(({ rule }) => rule.id))
  return [...ids].flatMap(id => {
    const before = from.rules.find(({ rule }) => rule.id === id)
    const after = to.rules.find(({ rule }) => rule.id === id)
    if (JSON.stringify(before?.rule) === JSON.stringify(after?.rule)) return []
    const place = after === undefined ? from.rules.indexOf(before as never) : to.rules.indexOf(after)
    const rules = [
      ...to.rules.slice(0, place),
      ...(before === undefined ? [] : [before]),
      ...to.rules.slice(after === undefined ? place : place + 1),
    ]
    return [{ name: `rule ${id}`, undone: { ...to, rules } }]
  })
}
