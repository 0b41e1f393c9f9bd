const transitions = ['status.conditions[].lastTransitionTime']
const updates = ['status.conditions[].lastUpdateTime', ...transitions]
const probes = ['status.conditions[].lastProbeTime', ...transitions]

/**
 * Go writes `null` for a list or a time that has no value where its JSON tag does not leave it out. Objects here have no
 * such members; only their text has, as clients of upstream's server see it.
 */
const nullFields: Record<string, readonly string[]> = {
  'v1/Event': ['firstTimestamp', 'lastTimestamp', 'eventTime'],
  'v1/LimitRange': ['spec.limits'],
  'v1/Namespace': transitions,
  'v1/Node': ['status.conditions[].lastHeartbeatTime', ...transitions],
  'v1/PersistentVolumeClaim': probes,
  'v1/Pod': probes,
  'v1/ReplicationController': transitions,
  'v1/Service': transitions,
  'apiextensions.k8s.io/v1/CustomResourceDefinition': transitions,
  'apiregistration.k8s.io/v1/APIService': transitions,
  'apps/v1/DaemonSet': transitions,
  'apps/v1/Deployment': updates,
  'apps/v1/ReplicaSet': transitions,
  'apps/v1/StatefulSet': transitions,
  'autoscaling/v2/HorizontalPodAutoscaler': ['status.currentMetrics', ...transitions],
  'batch/v1/Job': probes,
  'certificates.k8s.io/v1/CertificateSigningRequest': updates,
  'discovery.k8s.io/v1/EndpointSlice': ['endpoints', 'ports'],
  'events.k8s.io/v1/Event': ['eventTime', 'deprecatedFirstTimestamp', 'deprecatedLastTimestamp'],
  'flowcontrol.apiserver.k8s.io/v1/FlowSchema': transitions,
  'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration': transitions,
  'policy/v1/PodDisruptionBudget': transitions,
  'rbac.authorization.k8s.io/v1/ClusterRole': ['rules'],
  'rbac.authorization.k8s.io/v1/Role': ['rules'],
  'storage.k8s.io/v1/CSINode': ['spec.drivers', 'spec.drivers[].topologyKeys'],
  'storage.k8s.io/v1/VolumeAttachment': ['status.attachError.time', 'status.detachError.time'],
}

type Members = Record<string, unknown>

const paths = new Map(
  Object.entries(nullFields).map(([kind, fields]) => [kind, fields.map((field) => field.split('.'))]),
)

interface Typed {
  apiVersion?: string
  kind?: string
}

function pathsOf({ apiVersion, kind }: Typed): string[][] | undefined {
  return paths.get(`${apiVersion}/${kind}`)
}

/** The object with the nulls that Go writes: the argument itself, or a copy that shares all but what holds them. */
export function withNulls<T extends object>(object: T): T {
  let shown: Members = object as Members
  for (const path of pathsOf(object as Typed) ?? []) shown = fill(shown, path, 0)
  return shown as T
}

function fill(value: Members, path: string[], at: number): Members {
  const part = path[at]!
  if (part.endsWith('[]')) {
    const name = part.slice(0, -2)
    const list = value[name]
    if (!Array.isArray(list) || list.length === 0) return value
    let filled: Members[] | undefined
    for (const [index, item] of (list as Members[]).entries()) {
      const shown = fill(item, path, at + 1)
      if (shown === item) continue
      filled ??= [...(list as Members[])]
      filled[index] = shown
    }
    return filled ? { ...value, [name]: filled } : value
  }
  const child = value[part]
  if (at === path.length - 1) return isNothing(child) ? { ...value, [part]: null } : value
  if (typeof child !== 'object' || child === null) return value
  const filled = fill(child as Members, path, at + 1)
  return filled === child ? value : { ...value, [part]: filled }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}

/** Takes those nulls out of an object that was read from such text. */
export function dropNulls(object: object): void {
  for (const path of pathsOf(object as Typed) ?? []) drop(object as Members, path, 0)
}

function drop(value: Members, path: string[], at: number): void {
  const part = path[at]!
  if (part.endsWith('[]')) {
    const list = value[part.slice(0, -2)]
    if (Array.isArray(list)) for (const item of list as Members[]) drop(item, path, at + 1)
    return
  }
  const child = value[part]
  if (at === path.length - 1) {
    if (child === null) delete value[part]
  } else if (typeof child === 'object' && child !== null) drop(child as Members, path, at + 1)
}
