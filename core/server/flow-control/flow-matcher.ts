import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/generated/flowcontrol-v1.ts'
import type { UserInfo } from '../../api/request.ts'
import type { RequestInfo } from '../request-info.ts'

type Predicate<T> = (value: T) => boolean

/** Whether a flow schema is about a user's request. */
export type FlowSchemaTest = (user: UserInfo, info: RequestInfo) => boolean

const accountPrefix = 'system:serviceaccount:'

/** Turns a flow schema into a test that looks nothing up twice (upstream: flowcontrol/rule.go). */
export function compileFlowSchema({ spec }: FlowSchema): FlowSchemaTest {
  const rules = (spec.rules ?? []).map(compileRule)
  return (user, info) => rules.some((matches) => matches(user, info))
}

function compileRule({ subjects, resourceRules, nonResourceRules }: PolicyRulesWithSubjects): FlowSchemaTest {
  const isSubject = any(subjects.map(compileSubject))
  const isResource = any((resourceRules ?? []).map(compileResourceRule))
  const isPath = any((nonResourceRules ?? []).map(compilePathRule))
  return (user, info) => isSubject(user) && (info.isResourceRequest ? isResource(info) : isPath(info))
}

function any<T>(tests: Predicate<T>[]): Predicate<T> {
  if (tests.length === 1) return tests[0]!
  return (value) => tests.some((test) => test(value))
}

/** Membership of a list in which `*`, alone, stands for everything. */
function memberOf(list: readonly string[]): Predicate<string> {
  if (list.length === 1 && list[0] === '*') return () => true
  const members = new Set(list)
  return (value) => members.has(value)
}

function compileSubject({ kind, user, group, serviceAccount }: Subject): Predicate<UserInfo> {
  if (kind === 'User' && user) {
    return user.name === '*' ? () => true : ({ name }) => name === user.name
  }
  if (kind === 'Group' && group) {
    return group.name === '*' ? () => true : ({ groups }) => groups.includes(group.name)
  }
  if (kind === 'ServiceAccount' && serviceAccount) {
    const prefix = `${accountPrefix}${serviceAccount.namespace}:`
    if (serviceAccount.name === '*') return ({ name }) => name.startsWith(prefix)
    return ({ name }) => name === prefix + serviceAccount.name
  }
  return () => false
}

function compileResourceRule(rule: ResourcePolicyRule): Predicate<RequestInfo> {
  const isVerb = memberOf(rule.verbs)
  const isGroup = memberOf(rule.apiGroups)
  const isResource = memberOf(rule.resources)
  const isNamespace = memberOf(rule.namespaces ?? [])
  return ({ verb, apiGroup, resource, subresource, namespace }) =>
    isVerb(verb) &&
    isGroup(apiGroup) &&
    isResource(subresource === '' ? resource : `${resource}/${subresource}`) &&
    (namespace === '' ? rule.clusterScope === true : isNamespace(namespace))
}

function compilePathRule({ verbs, nonResourceURLs }: NonResourcePolicyRule): Predicate<RequestInfo> {
  const isVerb = memberOf(verbs)
  const isPath = any(
    nonResourceURLs.map((url): Predicate<string> => {
      if (url === '*') return () => true
      const stem = url.endsWith('*') ? url.slice(0, -1) : url
      const prefix = stem.endsWith('/') ? stem : `${stem}/`
      return (path) => path === url || path.startsWith(prefix)
    }),
  )
  return ({ verb, path }) => isVerb(verb) && isPath(path)
}

/** Flow schemas in the order they are tried. */
export function inPrecedence(schemas: Iterable<FlowSchema>): FlowSchema[] {
  const precedence = ({ spec }: FlowSchema): number => spec.matchingPrecedence ?? 0
  return [...schemas].sort(
    (a, b) => precedence(a) - precedence(b) || (a.metadata.name < b.metadata.name ? -1 : 1),
  )
}
