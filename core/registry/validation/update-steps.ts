/** What the validation of a kind judges of metadata, beside its own fields. */
export interface MetadataCheck {
  /** The object as such (upstream: ValidateObjectMeta), or what the update changes (ValidateObjectMetaUpdate). */
  of: 'object' | 'change'
  /** Whether finalizers without a domain must be Kubernetes' own, as Kubernetes' own groups ask. */
  qualifiesFinalizers: boolean
}

/** The kind's own rules of an object as such, or of what an update changes. */
export type OwnRules = 'rules' | 'changeRules'

/** What is judged next of an update; own rules that are not named come last, in this order. */
export type UpdateStep = MetadataCheck | OwnRules

const object: MetadataCheck = { of: 'object', qualifiesFinalizers: true }
const change: MetadataCheck = { of: 'change', qualifiesFinalizers: true }
const plainObject: MetadataCheck = { of: 'object', qualifiesFinalizers: false }
const plainChange: MetadataCheck = { of: 'change', qualifiesFinalizers: false }

/**
 * What kinds judge once more of an update after what every update is judged by, in this order (upstream: the Validate…Update of
 * pkg/apis/<group>/validation and of the strategies): by resource and group, or by group. Whoever is not here judges the change.
 */
const ofUpdate: Record<string, UpdateStep[]> = {
  'admissionregistration.k8s.io': [plainObject],
  'apiextensions.k8s.io': [plainChange],
  'apiregistration.k8s.io': [plainChange, plainObject],
  'certificatesigningrequests.certificates.k8s.io': [object, 'rules', 'changeRules', change],
  'configmaps.': [change, 'changeRules', object],
  'controllerrevisions.apps': [change, object],
  'coordination.k8s.io': [plainChange],
  'csinodes.storage.k8s.io': [object],
  'csistoragecapacities.storage.k8s.io': [object, 'rules', change],
  'deviceclasses.resource.k8s.io': [object, change],
  'endpoints.': [change, object],
  'endpointslices.discovery.k8s.io': [object],
  'events.': [],
  'flowcontrol.apiserver.k8s.io': [object],
  'ingressclasses.networking.k8s.io': [change, object],
  'ingresses.networking.k8s.io': [change, object],
  'ipaddresses.networking.k8s.io': [object, 'rules', change],
  'jobs.batch': [object, 'rules', change],
  'limitranges.': [object],
  'namespaces.': [object, 'rules', change],
  'node.k8s.io': [plainObject, 'rules', plainChange],
  'nodes.': [object, 'rules', change],
  'persistentvolumeclaims.': [change, object],
  'persistentvolumes.': [object, object],
  'poddisruptionbudgets.policy': [],
  'pods.': [object, change],
  'rbac.authorization.k8s.io': [object, 'rules', change],
  'resourceclaims.resource.k8s.io': [object, change],
  'resourceclaimtemplates.resource.k8s.io': [object, change],
  'secrets.': [change, 'changeRules', object],
  'serviceaccounts.': [change, object],
  'services.': [change, 'changeRules'],
  'storageclasses.storage.k8s.io': [object, 'rules', change],
  'volumeattachments.storage.k8s.io': [object],
  'volumeattributesclasses.storage.k8s.io': [change, 'changeRules', object],
}

/** The same of updates through `/status` and other subresources. */
const ofStatusUpdate: Record<string, UpdateStep[]> = {
  'apiextensions.k8s.io': [plainChange],
  'apiregistration.k8s.io': [plainChange],
  'certificatesigningrequests.certificates.k8s.io': [object, change],
  'admissionregistration.k8s.io': [],
  'cronjobs.batch': [],
  'poddisruptionbudgets.policy': [],
  'volumeattachments.storage.k8s.io': [],
}

/** In which order a kind judges an update, after what every update is judged by. */
export function updateSteps(
  { plural, group, isCustom }: { plural: string; group: string; isCustom: boolean },
  isStatus: boolean,
): UpdateStep[] {
  if (isCustom) return [plainChange]
  const table = isStatus ? ofStatusUpdate : ofUpdate
  return table[`${plural}.${group}`] ?? table[group] ?? [change]
}
