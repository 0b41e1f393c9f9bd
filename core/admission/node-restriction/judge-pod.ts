import type { Container, Pod } from '../../api/generated/core-v1.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { resources } from '../../api/resources.ts'
import { mirrorAnnotation } from '../../api/static-pod.ts'
import type { AdmissionReader } from '../admission-reader.ts'

/** Why a node may not do this to a pod or its status; undefined when it may. */
export async function judgePod(
  node: string,
  attributes: AdmissionAttributes,
  reader: AdmissionReader,
): Promise<string | undefined> {
  const { operation, subresource, object, oldObject } = attributes
  const old = oldObject as Pod | undefined
  switch (subresource) {
    case undefined:
    case '':
      if (operation === 'CREATE') return judgeMirrorPod(node, object as Pod, reader)
      if (operation !== 'DELETE') {
        return `unexpected operation "${operation}", node "${node}" can only create and delete mirror pods`
      }
      if (old?.spec.nodeName === node) return undefined
      return `node "${node}" can only delete pods with spec.nodeName set to itself`
    case 'status':
      return operation === 'UPDATE' && old
        ? judgeStatus(node, object as Pod, old)
        : `unexpected operation "${operation}"`
    case 'eviction': {
      const { namespace = '', name } = attributes
      const pod = await reader.get(resources.pods, { namespace, name })
      if (pod.spec.nodeName === node) return undefined
      return `node ${node} can only evict pods with spec.nodeName set to itself`
    }
    default:
      return `unexpected pod subresource "${subresource}", only 'status' and 'eviction' are allowed`
  }
}

function judgeStatus(node: string, next: Pod, old: Pod): string | undefined {
  if (old.spec.nodeName !== node) {
    return `node "${node}" can only update pod status for pods with spec.nodeName set to itself`
  }
  if (!isSame(next.metadata.labels, old.metadata.labels)) {
    return `node "${node}" cannot update labels through pod status`
  }
  if (!isSame(next.status?.resourceClaimStatuses, old.status?.resourceClaimStatuses)) {
    return `node "${node}" cannot update resource claim statues`
  }
  if (!isSame(next.status?.extendedResourceClaimStatus, old.status?.extendedResourceClaimStatus)) {
    return `node "${node}" cannot update extended resource claim status`
  }
  return undefined
}

function isSame(a: object | undefined, b: object | undefined): boolean {
  return (
    a === b ||
    JSON.stringify(Object.entries(a ?? {}).sort()) === JSON.stringify(Object.entries(b ?? {}).sort())
  )
}

async function judgeMirrorPod(node: string, pod: Pod, reader: AdmissionReader): Promise<string | undefined> {
  const { metadata, spec } = pod
  if (metadata.annotations?.[mirrorAnnotation] === undefined) {
    return `pod does not have "${mirrorAnnotation}" annotation, node "${node}" can only create mirror pods`
  }
  if (spec.nodeName !== node) return `node "${node}" can only create pods with spec.nodeName set to itself`
  return (await judgeOwner(node, pod, reader)) ?? judgeReferences(node, pod)
}

async function judgeOwner(
  node: string,
  { metadata }: Pod,
  reader: AdmissionReader,
): Promise<string | undefined> {
  const [owner, ...others] = metadata.ownerReferences ?? []
  if (others.length > 0)
    return `node "${node}" can only create pods with a single owner reference set to itself`
  if (!owner || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
    return `node "${node}" can only create pods with an owner reference set to itself`
  }
  if (!owner.controller) {
    return `node "${node}" can only create pods with a controller owner reference set to itself`
  }
  if (owner.blockOwnerDeletion) return `node "${node}" must not set blockOwnerDeletion on an owner reference`
  const { uid = '' } = (await reader.get(resources.nodes, { name: node })).metadata
  return owner.uid === uid ? undefined : `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`
}

function judgeReferences(node: string, { spec }: Pod): string | undefined {
  const cannot = (what: string): string => `node "${node}" can not create pods that reference ${what}`
  if (spec.serviceAccountName) return cannot('a service account')
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  const volumes = spec.volumes ?? []
  const sources = volumes.flatMap(({ projected }) => projected?.sources ?? [])
  const namesSecret = ({ env, envFrom }: Container): boolean =>
    (env ?? []).some(({ valueFrom }) => valueFrom?.secretKeyRef) ||
    (envFrom ?? []).some((from) => from.secretRef)
  const namesConfigMap = ({ env, envFrom }: Container): boolean =>
    (env ?? []).some(({ valueFrom }) => valueFrom?.configMapKeyRef) ||
    (envFrom ?? []).some((from) => from.configMapRef)
  if (
    spec.imagePullSecrets?.length ||
    containers.some(namesSecret) ||
    volumes.some((volume) => volume.secret) ||
    sources.some((source) => source.secret)
  ) {
    return cannot('secrets')
  }
  if (
    containers.some(namesConfigMap) ||
    volumes.some((volume) => volume.configMap) ||
    sources.some((source) => source.configMap)
  ) {
    return cannot('configmaps')
  }
  if (sources.some((source) => source.clusterTrustBundle)) return cannot('clustertrustbundles')
  if (volumes.some((volume) => volume.persistentVolumeClaim)) return cannot('persistentvolumeclaims')
  return undefined
}
