import type { Namespace, Pod } from '../../api/generated/core-v1.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../../api/request.ts'
import { resources } from '../../api/resources.ts'
import { internalError, isNotFound } from '../../api/status.ts'
import type { FieldError } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import { admissionForbidden } from '../admission-forbidden.ts'
import type { AdmissionReader } from '../admission-reader.ts'
import type { PodFacts } from './check.ts'
import { defaultPodSecurity, type PodSecurityConfiguration } from './configuration.ts'
import { detailsText, violationsOf } from './evaluate.ts'
import { judgeNamespace } from './namespace-labels.ts'
import { hasPodSpec, podFactsOf } from './pod-templates.ts'
import { formatLevelVersion, isFullyPrivileged, labelPrefix, policyOf, type Policy } from './policy.ts'
import { isSignificantUpdate } from './significant-update.ts'

/** Subresources by which no pod becomes less secure; any other is looked at. */
const ignoredSubresources = new Set([
  'attach',
  'binding',
  'eviction',
  'exec',
  'log',
  'portforward',
  'proxy',
  'status',
])

export interface PodSecurityOptions {
  reader: AdmissionReader
  clock: Clock
  configuration?: PodSecurityConfiguration
}

interface Judgement {
  policy: Policy
  errors: FieldError[]
}

/**
 * Holds pods to the standard that the labels of their namespace name: refuses those that break what is enforced, warns
 * of and notes in the audit log what breaks the rest, also for templates of pods (upstream:
 * k8s.io/pod-security-admission). Labels that cannot be read are refused.
 */
export function createPodSecurity(options: PodSecurityOptions): AdmissionPlugin {
  const { reader, configuration = defaultPodSecurity } = options
  const { exemptions } = configuration
  // Labels belong to a stored object, which is replaced and never changed.
  const known = new WeakMap<Record<string, string>, Judgement>()
  const judge = ({ metadata: { labels } }: Namespace): Judgement => {
    if (!labels) return { policy: configuration.defaults, errors: [] }
    let judgement = known.get(labels)
    if (!judgement) known.set(labels, (judgement = policyOf(labels, configuration.defaults)))
    return judgement
  }

  async function judgePod(attributes: AdmissionAttributes, isPod: boolean): Promise<void> {
    const { namespace = '', context, object } = attributes
    const exemption = exemptions.namespaces.includes(namespace)
      ? 'namespace'
      : exemptions.usernames.includes(context.user.name) && 'user'
    if (exemption) return annotate(attributes, 'exempt', exemption)
    const found = await readNamespace(reader, namespace, isPod)
    if (!found || !object) return
    const { policy, errors } = judge(found)
    if (errors.length === 0 && asksNothing(policy, isPod)) {
      if (isPod) annotate(attributes, 'enforce-policy', 'privileged:latest')
      return
    }
    const pod = podFactsOf(attributes.resource, object)
    if (!pod) return
    if (exemptions.runtimeClasses.includes(pod.spec.runtimeClassName ?? '')) {
      return annotate(attributes, 'exempt', 'runtimeClass')
    }
    if (errors.length > 0) annotate(attributes, 'error', `Failed to parse policy: ${errorsText(errors)}`)
    judgeBy(policy, pod, { attributes, isPod })
  }

  return {
    name: 'PodSecurity',
    validate(attributes) {
      const { operation, resource, subresource, object, oldObject } = attributes
      if (operation !== 'CREATE' && operation !== 'UPDATE') return
      if (resource.group === '' && resource.resource === 'namespaces') {
        return subresource ? undefined : judgeNamespace(attributes, { ...options, configuration })
      }
      if (!hasPodSpec(resource)) return
      const isPod = resource.resource === 'pods'
      if (subresource && (!isPod || ignoredSubresources.has(subresource))) return
      if (isPod && oldObject && !isSignificantUpdate((object as Pod).spec, (oldObject as Pod).spec)) return
      return judgePod(attributes, isPod)
    },
  }
}

function annotate({ context }: AdmissionAttributes, key: string, value: string): void {
  context.audit?.(labelPrefix + key, value)
}

function errorsText(errors: FieldError[]): string {
  const texts = errors.map(({ field, message }) => `${field}: ${message}`)
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`
}

/** Templates are never refused. */
function asksNothing(policy: Policy, isPod: boolean): boolean {
  if (isPod) return isFullyPrivileged(policy)
  return policy.audit.level === 'privileged' && policy.warn.level === 'privileged'
}

async function readNamespace(
  reader: AdmissionReader,
  name: string,
  isPod: boolean,
): Promise<Namespace | undefined> {
  try {
    return await reader.get(resources.namespaces, { name })
  } catch (error) {
    if (!isPod && isNotFound(error)) return undefined
    throw internalError(`failed to lookup namespace "${name}"`)
  }
}

function judgeBy(
  policy: Policy,
  pod: PodFacts,
  { attributes, isPod }: { attributes: AdmissionAttributes; isPod: boolean },
): void {
  const wouldViolate = (mode: 'audit' | 'warn'): string | undefined => {
    const violations = violationsOf(pod, policy[mode])
    if (violations.length === 0) return undefined
    return `would violate PodSecurity "${formatLevelVersion(policy[mode])}": ${detailsText(violations)}`
  }
  if (isPod) annotate(attributes, 'enforce-policy', formatLevelVersion(policy.enforce))
  const noted = wouldViolate('audit')
  if (noted) annotate(attributes, 'audit-violations', noted)
  const violations = isPod ? violationsOf(pod, policy.enforce) : []
  if (violations.length > 0) {
    const enforced = formatLevelVersion(policy.enforce)
    throw admissionForbidden(attributes, `violates PodSecurity "${enforced}": ${detailsText(violations)}`)
  }
  const warning = wouldViolate('warn')
  if (warning) attributes.context.warn(warning)
}
