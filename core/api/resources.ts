import type { APIService } from './api-service.ts'
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from './generated/admissionregistration-v1.ts'
import type { CustomResourceDefinition } from './generated/apiextensions-v1.ts'
import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from './generated/apps-v1.ts'
import type { SubjectAccessReview } from './generated/authorization-v1.ts'
import type { CronJob, Job } from './generated/batch-v1.ts'
import type { Lease } from './generated/coordination-v1.ts'
import type {
  ConfigMap,
  Endpoints,
  Event,
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ReplicationController,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
} from './generated/core-v1.ts'
import type { EndpointSlice } from './generated/discovery-v1.ts'
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from './generated/rbac-v1.ts'
import type { HorizontalPodAutoscaler } from './generated/autoscaling-v2.ts'
import type { CertificateSigningRequest } from './generated/certificates-v1.ts'
import type {
  Ingress,
  IngressClass,
  IPAddress,
  NetworkPolicy,
  ServiceCIDR,
} from './generated/networking-v1.ts'
import type { RuntimeClass } from './generated/node-v1.ts'
import type { PodDisruptionBudget } from './generated/policy-v1.ts'
import type { PriorityClass } from './generated/scheduling-v1.ts'
import type {
  DeviceClass,
  ResourceSlice,
  ResourceClaim,
  ResourceClaimTemplate,
} from './generated/resource-v1.ts'
import type {
  CSIDriver,
  CSINode,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from './generated/storage-v1.ts'
import type { Resource } from './gvk.ts'

function core<T>(resource: string, kind: string, namespaced = true): Resource<T> {
  return { group: '', version: 'v1', resource, kind, namespaced }
}
function apps<T>(resource: string, kind: string): Resource<T> {
  return { group: 'apps', version: 'v1', resource, kind, namespaced: true }
}

function batch<T>(resource: string, kind: string): Resource<T> {
  return { group: 'batch', version: 'v1', resource, kind, namespaced: true }
}
function rbac<T>(resource: string, kind: string, namespaced = true): Resource<T> {
  return { group: 'rbac.authorization.k8s.io', version: 'v1', resource, kind, namespaced }
}

function networking<T>(resource: string, kind: string, namespaced = true): Resource<T> {
  return { group: 'networking.k8s.io', version: 'v1', resource, kind, namespaced }
}

function admission<T>(resource: string, kind: string): Resource<T> {
  return { group: 'admissionregistration.k8s.io', version: 'v1', resource, kind, namespaced: false }
}

/** The built-in resources that code addresses by name, typed. Anything else is found through discovery. */
export const resources = {
  namespaces: core<Namespace>('namespaces', 'Namespace', false),
  nodes: core<Node>('nodes', 'Node', false),
  pods: core<Pod>('pods', 'Pod'),
  services: core<Service>('services', 'Service'),
  endpoints: core<Endpoints>('endpoints', 'Endpoints'),
  configMaps: core<ConfigMap>('configmaps', 'ConfigMap'),
  secrets: core<Secret>('secrets', 'Secret'),
  serviceAccounts: core<ServiceAccount>('serviceaccounts', 'ServiceAccount'),
  events: core<Event>('events', 'Event'),
  replicationControllers: core<ReplicationController>('replicationcontrollers', 'ReplicationController'),
  persistentVolumeClaims: core<PersistentVolumeClaim>('persistentvolumeclaims', 'PersistentVolumeClaim'),
  deployments: apps<Deployment>('deployments', 'Deployment'),
  replicaSets: apps<ReplicaSet>('replicasets', 'ReplicaSet'),
  statefulSets: apps<StatefulSet>('statefulsets', 'StatefulSet'),
  daemonSets: apps<DaemonSet>('daemonsets', 'DaemonSet'),
  controllerRevisions: apps<ControllerRevision>('controllerrevisions', 'ControllerRevision'),
  jobs: batch<Job>('jobs', 'Job'),
  cronJobs: batch<CronJob>('cronjobs', 'CronJob'),
  endpointSlices: {
    group: 'discovery.k8s.io',
    version: 'v1',
    resource: 'endpointslices',
    kind: 'EndpointSlice',
    namespaced: true,
  } as Resource<EndpointSlice>,
  leases: {
    group: 'coordination.k8s.io',
    version: 'v1',
    resource: 'leases',
    kind: 'Lease',
    namespaced: true,
  } as Resource<Lease>,
  roles: rbac<Role>('roles', 'Role'),
  roleBindings: rbac<RoleBinding>('rolebindings', 'RoleBinding'),
  clusterRoles: rbac<ClusterRole>('clusterroles', 'ClusterRole', false),
  clusterRoleBindings: rbac<ClusterRoleBinding>('clusterrolebindings', 'ClusterRoleBinding', false),
  persistentVolumes: core<PersistentVolume>('persistentvolumes', 'PersistentVolume', false),
  limitRanges: core<LimitRange>('limitranges', 'LimitRange'),
  resourceQuotas: core<ResourceQuota>('resourcequotas', 'ResourceQuota'),
  ingresses: networking<Ingress>('ingresses', 'Ingress'),
  ingressClasses: networking<IngressClass>('ingressclasses', 'IngressClass', false),
  networkPolicies: networking<NetworkPolicy>('networkpolicies', 'NetworkPolicy'),
  ipAddresses: networking<IPAddress>('ipaddresses', 'IPAddress', false),
  serviceCidrs: networking<ServiceCIDR>('servicecidrs', 'ServiceCIDR', false),
  storageClasses: {
    group: 'storage.k8s.io',
    version: 'v1',
    resource: 'storageclasses',
    kind: 'StorageClass',
    namespaced: false,
  } as Resource<StorageClass>,
  volumeAttachments: {
    group: 'storage.k8s.io',
    version: 'v1',
    resource: 'volumeattachments',
    kind: 'VolumeAttachment',
    namespaced: false,
  } as Resource<VolumeAttachment>,
  priorityClasses: {
    group: 'scheduling.k8s.io',
    version: 'v1',
    resource: 'priorityclasses',
    kind: 'PriorityClass',
    namespaced: false,
  } as Resource<PriorityClass>,
  runtimeClasses: {
    group: 'node.k8s.io',
    version: 'v1',
    resource: 'runtimeclasses',
    kind: 'RuntimeClass',
    namespaced: false,
  } as Resource<RuntimeClass>,
  horizontalPodAutoscalers: {
    group: 'autoscaling',
    version: 'v2',
    resource: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
    namespaced: true,
  } as Resource<HorizontalPodAutoscaler>,
  podDisruptionBudgets: {
    group: 'policy',
    version: 'v1',
    resource: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    namespaced: true,
  } as Resource<PodDisruptionBudget>,
  certificateSigningRequests: {
    group: 'certificates.k8s.io',
    version: 'v1',
    resource: 'certificatesigningrequests',
    kind: 'CertificateSigningRequest',
    namespaced: false,
  } as Resource<CertificateSigningRequest>,
  csiDrivers: {
    group: 'storage.k8s.io',
    version: 'v1',
    resource: 'csidrivers',
    kind: 'CSIDriver',
    namespaced: false,
  } as Resource<CSIDriver>,
  resourceClaims: {
    group: 'resource.k8s.io',
    version: 'v1',
    resource: 'resourceclaims',
    kind: 'ResourceClaim',
    namespaced: true,
  } as Resource<ResourceClaim>,
  deviceClasses: {
    group: 'resource.k8s.io',
    version: 'v1',
    resource: 'deviceclasses',
    kind: 'DeviceClass',
    namespaced: false,
  } as Resource<DeviceClass>,
  resourceSlices: {
    group: 'resource.k8s.io',
    version: 'v1',
    resource: 'resourceslices',
    kind: 'ResourceSlice',
    namespaced: false,
  } as Resource<ResourceSlice>,
  resourceClaimTemplates: {
    group: 'resource.k8s.io',
    version: 'v1',
    resource: 'resourceclaimtemplates',
    kind: 'ResourceClaimTemplate',
    namespaced: true,
  } as Resource<ResourceClaimTemplate>,
  volumeAttributesClasses: {
    group: 'storage.k8s.io',
    version: 'v1',
    resource: 'volumeattributesclasses',
    kind: 'VolumeAttributesClass',
    namespaced: false,
  } as Resource<VolumeAttributesClass>,
  csiNodes: {
    group: 'storage.k8s.io',
    version: 'v1',
    resource: 'csinodes',
    kind: 'CSINode',
    namespaced: false,
  } as Resource<CSINode>,
  subjectAccessReviews: {
    group: 'authorization.k8s.io',
    version: 'v1',
    resource: 'subjectaccessreviews',
    kind: 'SubjectAccessReview',
    namespaced: false,
  } as Resource<SubjectAccessReview>,
  apiServices: {
    group: 'apiregistration.k8s.io',
    version: 'v1',
    resource: 'apiservices',
    kind: 'APIService',
    namespaced: false,
  } as Resource<APIService>,
  customResourceDefinitions: {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    resource: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    namespaced: false,
  } as Resource<CustomResourceDefinition>,
  mutatingWebhookConfigurations: admission<MutatingWebhookConfiguration>(
    'mutatingwebhookconfigurations',
    'MutatingWebhookConfiguration',
  ),
  validatingWebhookConfigurations: admission<ValidatingWebhookConfiguration>(
    'validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
  ),
  validatingAdmissionPolicies: admission<ValidatingAdmissionPolicy>(
    'validatingadmissionpolicies',
    'ValidatingAdmissionPolicy',
  ),
  validatingAdmissionPolicyBindings: admission<ValidatingAdmissionPolicyBinding>(
    'validatingadmissionpolicybindings',
    'ValidatingAdmissionPolicyBinding',
  ),
  mutatingAdmissionPolicies: admission<MutatingAdmissionPolicy>(
    'mutatingadmissionpolicies',
    'MutatingAdmissionPolicy',
  ),
  mutatingAdmissionPolicyBindings: admission<MutatingAdmissionPolicyBinding>(
    'mutatingadmissionpolicybindings',
    'MutatingAdmissionPolicyBinding',
  ),
}
