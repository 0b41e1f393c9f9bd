import type { Container, EnvVar, PodSpec, PodTemplateSpec } from '../../../api/generated/core-v1.ts'
import type { ObjectMeta } from '../../../api/meta.ts'
import { parseNano } from '../../../api/quantity.ts'
import { checkDns1123Label } from '../../validation/formats.ts'
import { warnOfNodeTerm, warnOfNodeLabel } from '../node-labels.ts'
import { warnOfAppArmor } from './app-armor-annotations.ts'
import { warnOfVolumes } from './volume-warnings.ts'
import { warnOfPorts } from './port-warnings.ts'
import { containersOf } from './windows-validation.ts'

type Meta = Pick<Partial<ObjectMeta>, 'annotations'>

const milli = 1_000_000n
const nobody = 'a null labelSelector results in matching no pod'
const useSysctls = 'non-functional in v1.11+; use the "sysctls" field instead'
const deprecatedAnnotations = Object.entries({
  'scheduler.alpha.kubernetes.io/critical-pod':
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': useSysctls,
  'security.alpha.kubernetes.io/unsafe-sysctls': useSysctls,
})
const seccomp = 'seccomp.security.alpha.kubernetes.io/'
const seccompOfPod = `${seccomp}pod`
const seccompOfContainer = `container.${seccomp}`
const useSeccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead'

/** What a new pod is accepted with but should not have (upstream: pkg/api/pod/warnings.go, pod strategy). */
export function podWarnings({ metadata, spec }: { metadata: ObjectMeta; spec: PodSpec }): string[] {
  const problems = checkDns1123Label(metadata.name)
  const about =
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended"
  return [
    ...(problems.length > 0 ? [`${about}: [${problems.join(' ')}]`] : []),
    ...warnOfSpec(metadata, spec, ''),
  ]
}

/** The same for a template at `path`, where a workload is created or its spec changes. */
export function templateWarnings(template: PodTemplateSpec | undefined, path: string): string[] {
  if (!template?.spec) return []
  const { metadata = {}, spec } = template
  return [...warnOfSpec(metadata, spec, `${path}.`), ...warnOfAppArmor({ metadata, spec }, path)]
}

function warnOfSpec(meta: Meta, spec: PodSpec, prefix: string): string[] {
  const path = `${prefix}spec`
  const containers = containersOf(spec, path)
  return [
    ...warnOfPlacement(spec, path),
    ...deprecatedAnnotations
      .filter(([key]) => meta.annotations?.[key] !== undefined)
      .map(([key, why]) => `${prefix}metadata.annotations[${key}]: ${why}`),
    ...warnOfVolumes(spec.volumes, `${path}.volumes`),
    ...warnOfRepeated(
      (spec.hostAliases ?? []).map(({ ip }) => ip),
      `${path}.hostAliases`,
      'ip',
    ),
    ...warnOfRepeated(
      (spec.imagePullSecrets ?? []).map(({ name = '' }) => name),
      `${path}.imagePullSecrets`,
      'name',
    ),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }, at) =>
      name ? [] : [`${path}.imagePullSecrets[${at}].name: invalid empty name ""`],
    ),
    ...warnOfFractions(spec.overhead, `${path}.overhead`),
    ...warnOfSeccomp(meta, spec, prefix),
    ...containers.flatMap(({ container, path: where }) => warnOfContainer(container, where)),
    ...warnOfPorts(containers),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [
          `${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
        ]
      : []),
    ...warnOfSelectors(spec, `${path}.affinity`),
  ]
}

function warnOfPlacement(spec: PodSpec, path: string): string[] {
  const { nodeAffinity } = spec.affinity ?? {}
  const hard = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const soft = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const where = `${path}.affinity.nodeAffinity`
  return [
    ...Object.keys(spec.nodeSelector ?? {}).flatMap((key) => {
      const why = warnOfNodeLabel(key)
      return why ? [`${path}.nodeSelector[${key}]: ${why}`] : []
    }),
    ...hard.flatMap((term, at) =>
      warnOfNodeTerm(
        term,
        `${where}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${at}]`,
      ),
    ),
    ...soft.flatMap(({ preference }, at) =>
      warnOfNodeTerm(
        preference,
        `${where}.preferredDuringSchedulingIgnoredDuringExecution[${at}].preference`,
      ),
    ),
    ...(spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, at) => {
      const constraint = `${path}.topologySpreadConstraints[${at}]`
      const why = warnOfNodeLabel(topologyKey)
      return [
        ...(why ? [`${constraint}.topologyKey: ${topologyKey} is ${why}`] : []),
        ...(labelSelector ? [] : [`${constraint}.labelSelector: ${nobody}`]),
      ]
    }),
  ]
}

function warnOfRepeated(values: string[], path: string, name: string): string[] {
  const seen = new Set<string>()
  return values.flatMap((value, at) => {
    if (seen.has(value)) return [`${path}[${at}].${name}: duplicate ${name} ${JSON.stringify(value)}`]
    seen.add(value)
    return []
  })
}

/** Bytes come whole. */
function warnOfFractions(list: Record<string, string> | undefined, path: string): string[] {
  return ['memory', 'ephemeral-storage'].flatMap((name) => {
    const quantity = list?.[name]
    if (quantity === undefined || ((parseNano(quantity) ?? 0n) / milli) % 1000n === 0n) return []
    return [
      `${path}[${name}]: fractional byte value ${JSON.stringify(quantity)} is invalid, must be an integer`,
    ]
  })
}

function warnOfSeccomp({ annotations = {} }: Meta, spec: PodSpec, prefix: string): string[] {
  if (!Object.keys(annotations).some((key) => key.includes(seccomp))) return []
  const keys = containersOf(spec, '')
    .filter(({ container }) => !container.securityContext?.seccompProfile)
    .map(({ container }) => `${seccompOfContainer}${container.name}`)
  if (!spec.securityContext?.seccompProfile) keys.unshift(seccompOfPod)
  return keys
    .filter((key) => annotations[key] !== undefined)
    .map((key) => `${prefix}metadata.annotations[${key}]: ${useSeccomp}`)
}

function warnOfContainer({ resources, env = [] }: Container, path: string): string[] {
  const seen = new Set<string>()
  return [
    ...warnOfFractions(resources?.limits, `${path}.resources.limits`),
    ...warnOfFractions(resources?.requests, `${path}.resources.requests`),
    ...env.flatMap((variable, at) => {
      const isRepeated = seen.has(variable.name)
      seen.add(variable.name)
      if (!isRepeated || !hidesPrevious(variable)) return []
      const why = `hides previous definition of ${JSON.stringify(variable.name)}, which may be dropped when using apply`
      return [`${path}.env[${at}]: ${why}`]
    }),
  ]
}

/** A definition may build on the one before it, as in `X=$(X):more`. */
function hidesPrevious({ name, value = '', valueFrom }: EnvVar): boolean {
  const reference = `$(${name})`
  return valueFrom !== undefined || value === reference || !value.includes(reference)
}

function warnOfSelectors({ affinity }: PodSpec, path: string): string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((name) => {
    const { requiredDuringSchedulingIgnoredDuringExecution: hard = [] } = affinity?.[name] ?? {}
    const { preferredDuringSchedulingIgnoredDuringExecution: soft = [] } = affinity?.[name] ?? {}
    const where = `${path}.${name}`
    return [
      ...hard.flatMap(({ labelSelector }, at) =>
        labelSelector
          ? []
          : [`${where}.requiredDuringSchedulingIgnoredDuringExecution[${at}].labelSelector: ${nobody}`],
      ),
      ...soft.flatMap(({ podAffinityTerm }, at) =>
        podAffinityTerm?.labelSelector
          ? []
          : [
              `${where}.preferredDuringSchedulingIgnoredDuringExecution[${at}].podAffinityTerm.labelSelector: ${nobody}`,
            ],
      ),
    ]
  })
}
