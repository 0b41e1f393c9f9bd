import type {
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/generated/flowcontrol-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { forbiddenField, invalidFor, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../validation/formats.ts'

const maxPrecedence = 10_000
const distinguishers = ['ByNamespace', 'ByUser']
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']
/** Each kind of subject with the field that describes it. */
const subjectFields = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const
const namespaceIntro = "each member of this list must be '*' or a DNS-1123 label; "

/** Which requests a flow schema is about (upstream: pkg/apis/flowcontrol/validation ValidateFlowSchemaSpec). */
export function validateFlowSchemaSpec(name: string, spec: FlowSchemaSpec, path: string): FieldError[] {
  const {
    matchingPrecedence: precedence = 0,
    distinguisherMethod,
    priorityLevelConfiguration,
    rules = [],
  } = spec
  const errors: FieldError[] = []
  const refuse = (why: string): number =>
    errors.push(invalidValue(`${path}.matchingPrecedence`, precedence, why))
  if (precedence <= 0) refuse('must be a positive value')
  if (precedence > maxPrecedence) refuse(`must not be greater than ${maxPrecedence}`)
  if (precedence === 1 && name !== 'exempt') {
    refuse("only the schema named 'exempt' may have matchingPrecedence 1")
  }
  if (distinguisherMethod && !distinguishers.includes(distinguisherMethod.type)) {
    errors.push(
      notSupported(`${path}.distinguisherMethod.type`, { Type: distinguisherMethod.type }, distinguishers),
    )
  }
  const level = priorityLevelConfiguration?.name
  const levelPath = `${path}.priorityLevelConfiguration.name`
  if (level) errors.push(...invalidFor(levelPath, level, checkDns1123Subdomain(level)))
  else errors.push(required(levelPath, 'must reference a priority level'))
  return [...errors, ...rules.flatMap((rule, at) => validateRule(rule, `${path}.rules[${at}]`))]
}

function validateRule(rule: PolicyRulesWithSubjects, path: string): FieldError[] {
  const { subjects = [], resourceRules = [], nonResourceRules = [] } = rule
  const errors = subjects.flatMap((subject, at) => validateSubject(subject, `${path}.subjects[${at}]`))
  if (subjects.length === 0)
    errors.push(required(`${path}.subjects`, 'subjects must contain at least one value'))
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  }
  return [
    ...errors,
    ...resourceRules.flatMap((one, at) => validateResourceRule(one, `${path}.resourceRules[${at}]`)),
    ...nonResourceRules.flatMap((one, at) => validateUrlRule(one, `${path}.nonResourceRules[${at}]`)),
  ]
}

function validateSubject(subject: Subject, path: string): FieldError[] {
  const { kind } = subject
  if (!Object.hasOwn(subjectFields, kind)) {
    return [notSupported(`${path}.kind`, kind, Object.keys(subjectFields).sort())]
  }
  const own = subjectFields[kind as keyof typeof subjectFields]
  const errors = validateDescription(subject, { kind, field: own }, `${path}.${own}`)
  for (const [otherKind, field] of Object.entries(subjectFields)) {
    if (field === own || subject[field] === undefined) continue
    const why = `${field} is forbidden when subject kind is not '${otherKind}'`
    errors.push(forbiddenField(`${path}.${field}`, why))
  }
  return errors
}

function validateDescription(
  subject: Subject,
  { kind, field }: { kind: string; field: 'serviceAccount' | 'user' | 'group' },
  path: string,
): FieldError[] {
  const described = subject[field]
  if (!described) return [required(path, `${field} is required when subject kind is '${kind}'`)]
  const { name } = described
  const errors = name ? [] : [required(`${path}.name`)]
  if (field !== 'serviceAccount') return errors
  if (name && name !== '*') errors.push(...invalidFor(`${path}.name`, name, checkDns1123Subdomain(name)))
  const namespace = subject.serviceAccount?.namespace
  if (namespace) errors.push(...invalidFor(`${path}.namespace`, namespace, checkDns1123Label(namespace)))
  else errors.push(required(`${path}.namespace`, 'must specify namespace for service account'))
  return errors
}

function validateVerbs(given: string[], path: string): FieldError[] {
  if (given.length === 0) return [required(path, 'verbs must contain at least one value')]
  if (given.includes('*')) return validateWildcard(given, 'verbs', path)
  return given.every((verb) => verbs.includes(verb)) ? [] : [notSupported(path, given, verbs)]
}

function validateWildcard(values: string[], what: string, path: string): FieldError[] {
  if (values.length <= 1 || !values.includes('*')) return []
  return [invalidValue(path, values, `if '*' is present, must not specify other ${what}`)]
}

function validateResourceRule(rule: ResourcePolicyRule, path: string): FieldError[] {
  const { apiGroups = [], resources = [], namespaces = [] } = rule
  const errors = validateVerbs(rule.verbs ?? [], `${path}.verbs`)
  if (apiGroups.length === 0) {
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
  }
  errors.push(...validateWildcard(apiGroups, 'api groups', `${path}.apiGroups`))
  if (resources.length === 0) {
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'))
  }
  errors.push(...validateWildcard(resources, 'resources', `${path}.resources`))
  const where = `${path}.namespaces`
  if (namespaces.length === 0 && !rule.clusterScope) {
    const why = 'resource rules that are not cluster scoped must supply at least one namespace'
    errors.push(required(where, why))
  } else if (namespaces.includes('*')) errors.push(...validateWildcard(namespaces, 'namespaces', where))
  else {
    for (const [at, namespace] of namespaces.entries()) {
      const problems = checkDns1123Label(namespace).map((message) => namespaceIntro + message)
      errors.push(...invalidFor(`${where}[${at}]`, namespace, problems))
    }
  }
  return errors
}

function validateUrlRule(rule: NonResourcePolicyRule, path: string): FieldError[] {
  const { nonResourceURLs: urls = [] } = rule
  const errors = validateVerbs(rule.verbs ?? [], `${path}.verbs`)
  const where = `${path}.nonResourceURLs`
  if (urls.length === 0) {
    errors.push(required(where, 'nonResourceURLs must contain at least one value'))
  } else if (urls.includes('*')) errors.push(...validateWildcard(urls, 'non-resource URLs', where))
  else for (const [at, url] of urls.entries()) errors.push(...validateUrl(url, `${where}[${at}]`))
  return errors
}

function validateUrl(url: string, path: string): FieldError[] {
  if (url === '') return [invalidValue(path, url, 'must not be empty')]
  if (url === '/') return []
  if (!url.startsWith('/')) return [invalidValue(path, url, 'must start with slash')]
  if (url.includes(' ')) return [invalidValue(path, url, 'must not contain white-space')]
  if (url.includes('//')) return [invalidValue(path, url, 'must not contain double slash')]
  const star = url.indexOf('*')
  if (star < 0 || (url.endsWith('/*') && star === url.length - 1)) return []
  return [invalidValue(path, url, 'wildcard can only do suffix matching')]
}
