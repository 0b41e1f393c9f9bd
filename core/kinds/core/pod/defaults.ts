import type {
  Container,
  EnvVar,
  Lifecycle,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Probe,
  ResourceRequirements,
} from '../../../api/generated/core-v1.ts'
import { canonicalQuantity } from '../../../api/quantity.ts'
import { roundQuantities } from '../resource-lists.ts'
import { pullPolicyOf } from './image-pull-policy.ts'
import { defaultPodResources } from './pod-level-defaults.ts'
import { defaultVolume } from './volume-defaults.ts'

/** Defaults of a Pod, beyond those of every pod template (upstream: pkg/apis/core/v1/defaults.go SetDefaults_Pod). */
export function defaultPod(pod: Pod): void {
  pod.spec ??= { containers: [] }
  const { spec, status } = pod
  // Two names of one field, of which kubelets may know the older only.
  if (status?.podIP && status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }]
  else if (status?.podIPs?.[0]) status.podIP = status.podIPs[0].ip
  defaultPodSpec(spec)
  // Not in templates (upstream: Convert_v1_Pod_To_core_Pod).
  if (Number(spec.terminationGracePeriodSeconds) < 0) spec.terminationGracePeriodSeconds = 1
  spec.enableServiceLinks ??= true
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    requestWhatIsLimited(container.resources)
    if (!spec.hostNetwork) continue
    for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
  }
  defaultPodResources(spec)
}

/** Defaults of a workload's pod template. */
export function defaultPodTemplate(template: PodTemplateSpec): void {
  template.metadata ??= { name: '' }
  template.spec ??= { containers: [] }
  defaultPodSpec(template.spec)
}

function defaultPodSpec(spec: PodSpec): void {
  spec.restartPolicy ||= 'Always'
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.terminationGracePeriodSeconds ??= 30
  spec.schedulerName ||= 'default-scheduler'
  spec.securityContext ??= {}
  // Two names of one field: the older is kept in step with the newer, and read where only it is given.
  const account = spec.serviceAccountName || spec.serviceAccount
  if (account) {
    spec.serviceAccountName = account
    spec.serviceAccount = account
  }
  roundQuantities(spec.resources?.limits, spec.resources?.requests, spec.overhead)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    defaultContainer(container)
  }
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container)
}

function defaultContainer(container: Container): void {
  container.imagePullPolicy ||= pullPolicyOf(container.image ?? '')
  container.terminationMessagePath ||= '/dev/termination-log'
  container.terminationMessagePolicy ||= 'File'
  container.resources ??= {}
  roundQuantities(container.resources.limits, container.resources.requests)
  for (const port of container.ports ?? []) port.protocol ||= 'TCP'
  for (const variable of container.env ?? []) defaultEnv(variable)
  defaultProbe(container.livenessProbe)
  defaultProbe(container.readinessProbe)
  defaultProbe(container.startupProbe)
  defaultHandlers(container.lifecycle)
}

function defaultEnv(variable: EnvVar): void {
  const { fieldRef, resourceFieldRef } = variable.valueFrom ?? {}
  if (fieldRef) fieldRef.apiVersion ||= 'v1'
  if (resourceFieldRef) resourceFieldRef.divisor = canonicalQuantity(resourceFieldRef.divisor ?? '0') ?? '0'
}

function defaultProbe(probe: Probe | undefined): void {
  if (!probe) return
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  defaultHttpGet(probe)
  if (probe.grpc) probe.grpc.service ??= ''
}

function defaultHandlers(lifecycle: Lifecycle | undefined): void {
  if (lifecycle?.postStart) defaultHttpGet(lifecycle.postStart)
  if (lifecycle?.preStop) defaultHttpGet(lifecycle.preStop)
}

function defaultHttpGet({ httpGet }: { httpGet?: { path?: string; scheme?: string } }): void {
  if (!httpGet) return
  httpGet.path ||= '/'
  httpGet.scheme ||= 'HTTP'
}

function requestWhatIsLimited(resources: ResourceRequirements | undefined): void {
  if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests }
}
