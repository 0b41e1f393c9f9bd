import { parse } from 'yaml'
import type { KindDefinition } from '../../registry/kind.ts'

/** A PKCS#10 request by an EC key, for `CN=ada, O=devs`; base64 of its PEM block. */
export const signingRequest =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIWU1IOENBUUF3SFRFTU1Bb0dBMVVFQXd3RFlXUmhNUTB3Q3dZRFZRUUtEQVJrWlhaek1Ga3dFd1lIS29aSQp6ajBDQVFZSUtvWkl6ajBEQVFjRFFnQUUyLzNzQkJqM09rWTdiUVlROExER093Qk5FaGs3SlFEQVBmajh3SUN2CmwwSDdOOXZsK3dOb0s1WDJwZyt3cGtuMU43RVorYUI5dzRXU2NTZnBncFU4QUtBQU1Bb0dDQ3FHU000OUJBTUMKQTBrQU1FWUNJUUQyL0drc2FNQnZtRklLL1NrUzI3aXVVc3VNdUZ4ck9NRHVRdjI5allRMFJ3SWhBSXcyb3A5VwpyMktOaHdMN2JhSWx3WGIzR3N5MkppcHJPaGhxdVdwWjhvd1UKLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg=='

const template = '{ metadata: { labels: { app: a } }, spec: { containers: [{ name: c, image: nginx }] } }'
const workload = `spec: { selector: { matchLabels: { app: a } }, template: ${template} }`
const rule = '{ operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods] }'
const webhook = `{ name: check.example.com, admissionReviewVersions: [v1], sideEffects: None, clientConfig: { url: 'https://example.com/check' }, rules: [${rule}] }`

/** The least that is accepted of every stored kind, by kind, in YAML. */
export const minimalManifests: Record<string, string> = {
  ConfigMap: 'metadata: { name: a }',
  Endpoints: 'metadata: { name: a }',
  Event: '{ metadata: { name: a }, involvedObject: { kind: Pod, name: p, namespace: default } }',
  'Event.events.k8s.io/v1':
    '{ metadata: { name: a }, eventTime: "2026-01-01T00:00:00.000000Z", reportingController: example.com/c, reportingInstance: c-1, action: Start, reason: Started, type: Normal, regarding: { kind: Pod, name: p, namespace: default } }',
  LimitRange: '{ metadata: { name: a }, spec: { limits: [{ type: Container, max: { cpu: "1" } }] } }',
  Namespace: 'metadata: { name: a }',
  Node: 'metadata: { name: a }',
  PersistentVolumeClaim:
    '{ metadata: { name: a }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }',
  PersistentVolume:
    '{ metadata: { name: a }, spec: { capacity: { storage: 1Gi }, accessModes: [ReadWriteOnce], hostPath: { path: /data } } }',
  Pod: '{ metadata: { name: a }, spec: { containers: [{ name: c, image: nginx }] } }',
  PodTemplate: `{ metadata: { name: a }, template: ${template} }`,
  ReplicationController: `{ metadata: { name: a }, spec: { template: ${template} } }`,
  ResourceQuota: '{ metadata: { name: a }, spec: { hard: { pods: "3" } } }',
  Secret: 'metadata: { name: a }',
  ServiceAccount: 'metadata: { name: a }',
  Service: '{ metadata: { name: a }, spec: { ports: [{ port: 80 }] } }',
  MutatingAdmissionPolicy: `{ metadata: { name: a }, spec: { reinvocationPolicy: Never, matchConstraints: { resourceRules: [${rule}] }, mutations: [{ patchType: JSONPatch, jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/a"}]' } }] } }`,
  MutatingAdmissionPolicyBinding: '{ metadata: { name: a }, spec: { policyName: p } }',
  MutatingWebhookConfiguration: `{ metadata: { name: a }, webhooks: [${webhook}] }`,
  ValidatingAdmissionPolicy: `{ metadata: { name: a }, spec: { matchConstraints: { resourceRules: [${rule}] }, validations: [{ expression: 'true' }] } }`,
  ValidatingAdmissionPolicyBinding:
    '{ metadata: { name: a }, spec: { policyName: p, validationActions: [Deny] } }',
  ValidatingWebhookConfiguration: `{ metadata: { name: a }, webhooks: [${webhook}] }`,
  CustomResourceDefinition:
    '{ metadata: { name: things.example.com }, spec: { group: example.com, scope: Namespaced, names: { plural: things, singular: thing, kind: Thing, listKind: ThingList }, versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }] } }',
  APIService:
    '{ metadata: { name: v1.ext.example.com }, spec: { group: ext.example.com, version: v1, groupPriorityMinimum: 100, versionPriority: 10, service: { namespace: default, name: ext } } }',
  ControllerRevision: '{ metadata: { name: a }, data: {}, revision: 1 }',
  DaemonSet: `{ metadata: { name: a }, ${workload} }`,
  Deployment: `{ metadata: { name: a }, ${workload} }`,
  ReplicaSet: `{ metadata: { name: a }, ${workload} }`,
  StatefulSet: `{ metadata: { name: a }, ${workload} }`,
  HorizontalPodAutoscaler:
    '{ metadata: { name: a }, spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web } } }',
  CronJob: `{ metadata: { name: a }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: nginx }] } } } } } }`,
  Job: '{ metadata: { name: a }, spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: nginx }] } } } }',
  CertificateSigningRequest: `{ metadata: { name: a }, spec: { request: ${signingRequest}, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth] } }`,
  Lease: 'metadata: { name: a }',
  EndpointSlice: '{ metadata: { name: a }, addressType: IPv4, endpoints: [] }',
  FlowSchema:
    "{ metadata: { name: a }, spec: { priorityLevelConfiguration: { name: p }, rules: [{ subjects: [{ kind: User, user: { name: u } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }] } }",
  PriorityLevelConfiguration:
    '{ metadata: { name: a }, spec: { type: Limited, limited: { limitResponse: { type: Queue, queuing: {} } } } }',
  IngressClass: '{ metadata: { name: a }, spec: { controller: example.com/ingress } }',
  Ingress:
    '{ metadata: { name: a }, spec: { defaultBackend: { service: { name: web, port: { number: 80 } } } } }',
  IPAddress:
    '{ metadata: { name: 10.96.0.7 }, spec: { parentRef: { resource: services, namespace: default, name: web } } }',
  NetworkPolicy: '{ metadata: { name: a }, spec: { podSelector: {} } }',
  ServiceCIDR: '{ metadata: { name: a }, spec: { cidrs: [10.97.0.0/16] } }',
  RuntimeClass: '{ metadata: { name: a }, handler: runc }',
  PodDisruptionBudget:
    '{ metadata: { name: a }, spec: { minAvailable: 1, selector: { matchLabels: { app: a } } } }',
  ClusterRoleBinding:
    '{ metadata: { name: a }, roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view } }',
  ClusterRole: 'metadata: { name: a }',
  RoleBinding:
    '{ metadata: { name: a }, roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: r } }',
  Role: 'metadata: { name: a }',
  DeviceClass: "{ metadata: { name: a }, spec: { selectors: [{ cel: { expression: 'true' } }] } }",
  ResourceClaim:
    '{ metadata: { name: a }, spec: { devices: { requests: [{ name: gpu, exactly: { deviceClassName: gpu.example.com } }] } } }',
  ResourceClaimTemplate:
    '{ metadata: { name: a }, spec: { spec: { devices: { requests: [{ name: gpu, exactly: { deviceClassName: gpu.example.com } }] } } } }',
  ResourceSlice:
    '{ metadata: { name: a }, spec: { driver: gpu.example.com, nodeName: n1, pool: { name: n1, generation: 1, resourceSliceCount: 1 }, devices: [{ name: gpu-0 }] } }',
  PriorityClass: '{ metadata: { name: a }, value: 1000 }',
  CSIDriver: 'metadata: { name: disk.example.com }',
  CSINode: '{ metadata: { name: n1 }, spec: { drivers: [{ name: disk.example.com, nodeID: n1 }] } }',
  CSIStorageCapacity: '{ metadata: { name: a }, storageClassName: fast }',
  StorageClass: '{ metadata: { name: a }, provisioner: example.com/disk }',
  VolumeAttachment:
    '{ metadata: { name: a }, spec: { attacher: disk.example.com, nodeName: n1, source: { persistentVolumeName: pv } } }',
  VolumeAttributesClass:
    '{ metadata: { name: a }, driverName: disk.example.com, parameters: { iops: "500" } }',
}

/** That of one kind, parsed; without apiVersion and kind. */
export function manifestOf({ kind, group, version }: KindDefinition): object {
  const text = minimalManifests[`${kind}.${group}/${version}`] ?? minimalManifests[kind] ?? '{ spec: {} }'
  return parse(text) as object
}
