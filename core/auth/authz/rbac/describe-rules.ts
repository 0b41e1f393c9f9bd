import type { PolicyRule } from '../../../api/generated/rbac-v1.ts'

/**
 * Missing rules as messages list them, sorted (upstream: CompactRules and CompactString): those that differ only in their
 * verb are drawn together.
 */
export function describeRules(rules: PolicyRule[]): string[] {
  const simple = new Map<string, PolicyRule>()
  const compacted: PolicyRule[] = []
  for (const rule of rules) {
    const key = simpleKey(rule)
    const known = key === undefined ? undefined : simple.get(key)
    if (known) {
      known.verbs.push(...rule.verbs)
      continue
    }
    const copy = { ...rule, verbs: [...rule.verbs] }
    if (key !== undefined) simple.set(key, copy)
    compacted.push(copy)
  }
  return [...new Set(compacted.map(describe))].sort()
}

function simpleKey({ apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string | undefined {
  if (resourceNames?.length || nonResourceURLs?.length) return undefined
  if (apiGroups?.length !== 1 || resources?.length !== 1) return undefined
  return `${apiGroups[0]}/${resources[0]}`
}

function describe(rule: PolicyRule): string {
  const parts: Array<[string, string[] | undefined]> = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ]
  const texts = parts.filter(([, list]) => list?.length).map(([name, list]) => `${name}:${quotedList(list!)}`)
  return `{${texts.join(', ')}}`
}

/** `["a" "b"]`, as Go prints a list of quoted texts. */
export function quotedList(list: string[]): string {
  return `[${list.map((text) => JSON.stringify(text)).join(' ')}]`
}
